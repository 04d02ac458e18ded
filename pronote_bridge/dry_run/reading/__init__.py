"""Pronote's own lists as files: CSV, TXT and XLSX in whatever shape they were saved.

- `delimited`: texts, made into grids; workbooks and the grids themselves: `ent.tabular.reading`.
- `headers`: which row is the header, and what each column holds.
- `dates`: birth dates as people and spreadsheets write them.
- `lists`: from the bytes of a file to its lines.
"""
