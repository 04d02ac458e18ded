"""Tables that people open in a spreadsheet: CSV and XLSX, streamed, and never a formula.

- `escaping`: how a text that a spreadsheet would run is changed, and how to get it back.
- `delimited`: the CSV writer (UTF-8 with BOM, semicolons, CRLF).
- `workbook`: the XLSX writer, every cell a text, escaped as in the CSV.
- `reading`: lists that somebody uploads.
- `filenames`: names and `Content-Disposition` that nothing can be smuggled into.
"""
