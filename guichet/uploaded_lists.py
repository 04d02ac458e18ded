"""A list that somebody hands over: CSV in UTF-8, or the first sheet of an XLSX workbook."""

from __future__ import annotations

import csv
import io

from ent.tabular.reading.grids import Grid, ListRefused, Row, cell_text
from ent.tabular.reading.workbooks import is_zip, read_workbook


class UnreadableList(Exception):
    """Nothing of the file can be used; the argument says why, in French."""


def read_grid(content: bytes) -> Grid:
    """Return the rows, numbered as a spreadsheet does; `;` or `,` between the columns of a CSV."""
    if is_zip(content):
        try:
            return next(iter(read_workbook(content)), Grid(()))
        except ListRefused as refused:
            words = str(refused)
            raise UnreadableList(words[:1].upper() + words[1:]) from None
    try:
        text = content.decode("utf-8-sig")
        head = text.split("\n", 1)[0]
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ","))
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableList("Ce fichier n’est ni un CSV en UTF-8 ni un classeur XLSX.") from None
    return Grid(
        tuple(Row(number, tuple(map(cell_text, row))) for number, row in enumerate(rows, 1))
    )
