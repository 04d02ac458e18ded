"""From the bytes of a file to the lines of one of Pronote's lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final

from ent.tabular.reading.grids import Grid, ListRefused, Row, column_words
from ent.tabular.reading.workbooks import is_zip, read_workbook
from pronote_bridge.dry_run.enums import ListColumn
from pronote_bridge.dry_run.reading.dates import is_month_first, read_date
from pronote_bridge.dry_run.reading.delimited import read_text
from pronote_bridge.dry_run.reading.headers import (
    RELATIVES,
    Columns,
    Relatives,
    find_header,
    likely_header,
    recognise,
)
from pronote_bridge.enums import ListKind

_SAMPLES: Final = 3
_OTHER_FILES: Final = (
    (b"%PDF", "c’est un PDF. Dans Pronote, exportez la liste en texte (TXT, CSV) ou en XLSX."),
    (
        b"\xd0\xcf\x11\xe0",
        (
            "c’est un ancien classeur (XLS) ou un fichier protégé par un mot de passe. "
            "Enregistrez-le au format XLSX, sans mot de passe."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a list: a person of Pronote's base, as it shows them.

    `full_name` is filled when both names stand in one column; then the two others are empty.
    """

    number: int
    family_name: str = ""
    given_name: str = ""
    full_name: str = ""
    birth_date: date | None = None
    birth_text: str = ""
    """The date as it is written, also when it is none."""
    class_name: str = ""
    identifier: str = ""
    guardians: tuple[str, ...] = ()
    """Cells that name guardians of the pupil, each with one name or more."""
    children: tuple[str, ...] = ()
    """Cells that name pupils of the guardian, each with one name or more."""

    @property
    def name(self) -> str:
        """Both names, as the list writes them."""
        return self.full_name or f"{self.family_name} {self.given_name}".strip()


@dataclass(frozen=True, slots=True)
class FoundList:
    """A file in which rows were found: its header, what its columns hold, and its rows.

    Where `headers.has_names` says no of its columns, somebody has to say what they hold.
    """

    header: Row
    columns: Columns
    rows: tuple[Row, ...]
    day_zero: date

    def samples(self, column: int) -> list[str]:
        """Return the first values of a column, to recognise it by."""
        texts = (row.cells[column] for row in self.rows if column < len(row.cells))
        found: list[str] = []
        for text in texts:
            if text:
                found.append(text)
            if len(found) == _SAMPLES:
                break
        return found


def find_list(data: bytes, kind: ListKind) -> FoundList:
    """Find the list in a file; raises `ListRefused` when there is none.

    Of a workbook, the first sheet whose header is recognised, else the first that has rows.
    """
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise ListRefused("ce fichier est vide.")
    for mark, why in _OTHER_FILES:
        if data.startswith(mark):
            raise ListRefused(why)
    likely = None
    for grid in read_workbook(data) if is_zip(data) else [read_text(data, kind)]:
        if header := find_header(grid, kind):
            return _found(grid, header, recognise(header.cells, kind))
        header = likely_header(grid)
        if likely is None and header is not None and sum(map(bool, header.cells)) > 1:
            likely = grid, header
    if likely is not None:
        grid, header = likely
        return _found(grid, header, (None,) * len(header.cells))
    raise ListRefused(
        "aucune ligne de titres n’est reconnue et rien n’y est rangé en colonnes. La liste doit "
        "avoir au moins les colonnes « Nom » et « Prénom ».",
        line=1,
    )


def read_lines(found: FoundList, columns: Columns, *, today: date) -> list[ListLine]:
    """Return the lines of a list, its columns holding what *columns* says.

    Raises `ListRefused` where a row has more values than the header: its columns are shifted, and
    people would be mistaken for others.
    """
    width = _width(found.header)
    birth = _index(columns, ListColumn.BIRTH_DATE)
    month_first = is_month_first(_cell(row, birth) for row in found.rows)
    lines = []
    for row in found.rows:
        extra = next((n for n, cell in enumerate(row.cells) if cell and n >= width), None)
        if extra is not None:
            raise ListRefused(
                f"une valeur dépasse les {width} colonnes de la ligne de titres. Les colonnes de "
                "cette ligne sont décalées.",
                line=row.number,
                column=column_words(extra),
            )
        birth_text = _cell(row, birth)
        lines.append(
            ListLine(
                number=row.number,
                family_name=_cell(row, _index(columns, ListColumn.FAMILY_NAME)),
                given_name=_cell(row, _index(columns, ListColumn.GIVEN_NAME)),
                full_name=_cell(row, _index(columns, ListColumn.FULL_NAME)),
                birth_date=read_date(
                    birth_text, day_zero=found.day_zero, today=today, month_first=month_first
                ),
                birth_text=birth_text,
                class_name=_cell(row, _index(columns, ListColumn.CLASS_NAME)),
                identifier=_cell(row, _index(columns, ListColumn.IDENTIFIER)),
                guardians=_relatives(row, columns, RELATIVES[ListKind.PUPILS]),
                children=_relatives(row, columns, RELATIVES[ListKind.GUARDIANS]),
            )
        )
    return lines


def _found(grid: Grid, header: Row, columns: Columns) -> FoundList:
    """Cut the rows of a list out of its grid: those under the header, which pages may repeat."""
    rows = tuple(
        row
        for row in grid.rows
        if row.number > header.number and not row.is_empty and row.cells != header.cells
    )
    if not rows:
        raise ListRefused("il n’y a personne sous la ligne de titres.", line=header.number)
    return FoundList(header, columns, rows, grid.day_zero)


def _width(header: Row) -> int:
    """Return how many columns a header names."""
    return max(number for number, cell in enumerate(header.cells) if cell) + 1


def _index(columns: Sequence[ListColumn | None], column: ListColumn) -> int:
    return columns.index(column) if column in columns else -1


def _cell(row: Row, index: int) -> str:
    return row.cells[index] if 0 <= index < len(row.cells) else ""


def _cells(row: Row, columns: Columns, wanted: ListColumn) -> tuple[str, ...]:
    return tuple(_cell(row, index) for index, column in enumerate(columns) if column == wanted)


def _relatives(row: Row, columns: Columns, relatives: Relatives) -> tuple[str, ...]:
    """Return the names of a row's guardians or children, of cells with both names or with one.

    The first column of family names goes with the first of given names, the second with the second.
    """
    pairs = zip_longest(
        _cells(row, columns, relatives.family), _cells(row, columns, relatives.given), fillvalue=""
    )
    names = (*_cells(row, columns, relatives.whole), *map(" ".join, pairs))
    return tuple(name.strip() for name in names if name.strip())
