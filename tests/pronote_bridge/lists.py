"""Pronote's lists as the tests write them: invented people, in every shape that files have.

The workbooks come from openpyxl, the texts from the standard library: nothing of the product.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from openpyxl import Workbook

PUPIL_HEADER = ("Nom", "Prénom", "Né(e) le", "Classe", "Responsables", "Identifiant CAS")
JOINED_HEADER = ("Élève", "Né(e) le", "Classe", "Responsables", "Identifiant CAS")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")
SEPARATORS = (";", ",", "\t")
DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%y", "%d/%m/%Y 00:00:00", "serial")


@dataclass(frozen=True, slots=True)
class Pupil:
    """One line of the pupils' list."""

    family_name: str
    given_name: str
    born: date | None = date(2012, 3, 4)
    class_name: str = "4E3"
    guardians: str = ""
    identifier: str = ""


#: Names that files and spreadsheets stumble over; all of them are in Windows-1252.
PUPILS = (
    Pupil("MARTIN", "Léa", guardians="MARTIN Claire, MARTIN Paul"),
    Pupil("DE LA TOUR", "Marie-Claire", date(2011, 12, 31), "601"),
    Pupil("O’NEILL; dit « le Grand »", "Zoé", date(2013, 1, 2), "5ÈME B"),
    Pupil('L"ESTRANGE', "Tom\tou Thomas", date(2012, 2, 29)),
    Pupil("=1+1", "@SUM(A1)", date(2012, 5, 6), identifier="abc23"),
    Pupil("N'DIAYE", "Anaëlle", None),
    Pupil("X" * 90, "Œuvré", date(2012, 10, 11), "4000"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list is written."""

    encoding: str = "utf-8-sig"
    separator: str = ";"
    is_joined: bool = False
    dates: str = "%d/%m/%Y"
    titles: tuple[str, ...] = ()
    """Lines above the header."""
    empty_lines: int = 0
    """After the last line."""
    line_end: str = "\r\n"
    has_spare_columns: bool = False


def table(pupils: Sequence[Pupil], shape: Shape) -> list[list[str]]:
    """Return the header and the lines as texts."""
    header = JOINED_HEADER if shape.is_joined else PUPIL_HEADER
    rows = [list(header), *(cells(pupil, shape) for pupil in pupils)]
    spare = [""] * 2 if shape.has_spare_columns else []
    return [[*row, *spare] for row in rows]


def cells(pupil: Pupil, shape: Shape) -> list[str]:
    """Return one line as texts."""
    names = [pupil.family_name, pupil.given_name]
    if shape.is_joined:
        names = [" ".join(names)]
    born = "" if pupil.born is None else written(pupil.born, shape.dates)
    return [*names, born, pupil.class_name, pupil.guardians, pupil.identifier]


def written(day: date, style: str) -> str:
    """Return a date as text; a serial counts the days since 30 December 1899."""
    return str((day - date(1899, 12, 30)).days) if style == "serial" else f"{day:{style}}"


def as_text(rows: Sequence[Sequence[str]], shape: Shape) -> bytes:
    """Return rows as a CSV or a TXT."""
    text = io.StringIO(newline="")
    for title in shape.titles:
        text.write(title + shape.line_end)
    writer = csv.writer(text, delimiter=shape.separator, lineterminator=shape.line_end)
    writer.writerows(rows)
    text.write(shape.line_end * shape.empty_lines)
    return text.getvalue().encode(shape.encoding)


def as_workbook(
    rows: Sequence[Sequence[object]], *, titles: Sequence[str] = (), is_1904: bool = False
) -> bytes:
    """Return rows as a workbook; dates stay dates, which a spreadsheet keeps as serials."""
    book = Workbook()
    if is_1904:
        book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001 - the library's own epoch has no zone
    sheet = book.active
    assert sheet is not None
    for title in titles:
        sheet.append([title])
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":  # a name that begins with =
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook_rows(pupils: Sequence[Pupil], *, is_joined: bool = False) -> list[list[object]]:
    """Return the header and the lines with dates as dates."""
    shape = Shape(is_joined=is_joined)
    rows: list[list[object]] = [list(JOINED_HEADER if is_joined else PUPIL_HEADER)]
    for pupil in pupils:
        texts: list[object] = list(cells(replace(pupil, born=None), shape))
        texts[1 if is_joined else 2] = pupil.born
        rows.append(texts)
    return rows
