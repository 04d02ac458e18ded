"""Birth dates as people and spreadsheets write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from ent.text.folding import fold

_FIGURES: Final = re.compile(r"(\d{1,4})[/.\- ](\d{1,2})[/.\- ](\d{1,4})(?:[ T]\d{1,2}:.*)?\Z")
_SERIAL: Final = re.compile(r"(\d{1,6})(?:[.,]\d+)?\Z")
_WORDS: Final = re.compile(r"(\d{1,2})(?:er)? ([a-z]+) (\d{4})\Z")
_MONTHS: Final = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin",
    "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
)  # fmt: skip
#: A serial of a spreadsheet before this one (1902) is a number that somebody typed, not a date.
_FIRST_SERIAL: Final = 1_000


def is_month_first(texts: Iterable[str]) -> bool:
    """Do the dates of a column put the month before the day?

    An English system writes 12/31/2010. A French list is the rule: only a column in which some
    second number passes 12, and no first one does, is read the other way round.
    """
    is_seen = False
    for text in texts:
        found = _FIGURES.match(text)
        if found is None or len(found[1]) > 2:
            continue
        if int(found[1]) > 12:
            return False
        is_seen = is_seen or int(found[2]) > 12
    return is_seen


def read_date(text: str, *, day_zero: date, today: date, month_first: bool = False) -> date | None:
    """Return the birth date that *text* writes, None when it writes none.

    Figures (31/12/2010, 31-12-10, 2010-12-31, with or without an hour), words (1er mars 2010), or a
    spreadsheet's serial: the number of days since *day_zero*. A date after *today* is none.
    """
    if figures := _FIGURES.match(text):
        found = _of_figures(figures, today, month_first=month_first)
    elif serial := _SERIAL.match(text):
        found = _of_serial(int(serial[1]), day_zero)
    elif words := _WORDS.match(fold(text)):
        is_known = words[2] in _MONTHS
        month = _MONTHS.index(words[2]) + 1 if is_known else 0
        found = _checked(int(words[3]), month, int(words[1]))
    else:
        return None
    return found if found is not None and found <= today else None


def _of_figures(found: re.Match[str], today: date, *, month_first: bool) -> date | None:
    first, second, last = found.groups()
    if len(first) == 4:
        return _checked(int(first), int(second), int(last))
    if len(first) > 2 or len(last) not in {2, 4}:
        return None
    year = int(last)
    if len(last) == 2:
        year += 2000 if year <= today.year % 100 else 1900
    if month_first:
        return _checked(year, int(first), int(second))
    return _checked(year, int(second), int(first))


def _of_serial(serial: int, day_zero: date) -> date | None:
    if serial < _FIRST_SERIAL:
        return None
    try:
        return day_zero + timedelta(days=serial)
    except OverflowError:
        return None


def _checked(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= 1900 else None
    except ValueError:
        return None
