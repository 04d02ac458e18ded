"""Rows of texts, whatever file they came from, and the refusal of a file that is no list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 100
#: Characters kept of a cell; no name is longer.
LONGEST_CELL: Final = 1_000
#: Day 0 of a spreadsheet's dates: the serial 1 is 1 January 1900, and 1900 counts as a leap year
#: (ECMA-376 part 1, §18.17.4.1), so that the serials from 61 on count from here.
DAY_ZERO: Final = date(1899, 12, 30)


class ListRefused(Exception):
    """A file that cannot be read as a list; its text is a French sentence that says why, and where.

    The sentence holds no value of the list: it is kept longer than the list.
    """

    def __init__(self, why: str, *, line: int = 0, column: str = "") -> None:
        places = []
        if line:
            places.append(f"ligne {line}")
        if column:
            places.append(f"colonne {column}")
        place = ", ".join(places)
        super().__init__(f"{place}\u00a0: {why}" if place else why)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands in the file (from 1, as the spreadsheet counts), and its texts."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Is there nothing in it?"""
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a text file or of one sheet."""

    rows: tuple[Row, ...]
    day_zero: date = DAY_ZERO


def column_words(index: int) -> str:
    """Return the letters by which a spreadsheet names the column *index* (from 0): 27 is « AB »."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_text(text: str) -> str:
    """Return the text of a cell: cut, its ends and its non-breaking spaces made plain."""
    return text[:LONGEST_CELL].replace("\u00a0", " ").strip(" \t\r\n\ufeff\u200b")
