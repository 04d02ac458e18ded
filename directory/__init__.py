"""Who exists: authorities, schools, persons, classes, links and roles."""
