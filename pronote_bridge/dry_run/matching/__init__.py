"""What Pronote does with each line of its lists: functions of plain values, no database.

- `names`: what names are compared by.
- `links`: which lines of the pupils' list a line of the guardians' list answers for.
- `pairs`: who fits whom: names, birth dates, children.
- `identifiers`: whose the identifiers are that Pronote has already.
- `likeness`: whom to propose where nobody is found.
- `comparison`: all lists, line by line, with the reasons.
"""
