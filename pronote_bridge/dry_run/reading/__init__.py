"""Pronote's own lists as files: CSV, TXT and XLSX in whatever shape they were saved.

- `grids`: rows of texts, and the refusal of a file that is no list.
- `delimited`, `workbooks`: the two kinds of files, made into grids.
- `headers`: which row is the header, and what each column holds.
- `dates`: birth dates as people and spreadsheets write them.
- `lists`: from the bytes of a file to its lines.
"""
