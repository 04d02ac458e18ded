"""Lists that somebody uploads, read without trusting them.

- `grids`: rows of texts, and the refusal of a file that is no list.
- `workbooks`: XLSX, made into grids.
"""
