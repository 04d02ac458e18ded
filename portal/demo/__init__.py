"""What `make demo` shows: invented authorities, schools, people and news, and its mail page.

- `authorities`: two academies and the agricultural network, their deliveries, doors and terms;
- `pages`: colours, introductions, links and news of the schools (texts in `contents`);
- `people`: one person of each kind to try, and the table that the terminal shows;
- `mail`: the messages that the demonstration kept in a folder.

Nothing here runs unless the settings are those of the demonstration.
"""
