"""« Rapprochement à blanc » (R-H3): Pronote's own lists, compared with the file before it is given.

- `reading/`: the lists as files, in the shapes that Pronote and spreadsheets write.
- `matching/`: what Pronote would do with each line, and why: functions of plain values.
- `services`, `comparing`: the deposit, and the comparison in the worker.
- `pairing`, `line_keys`: pairs made by hand, found again the next time.
- `listed`, `candidates`, `exporting`: what pages and files show, within the walls.
"""
