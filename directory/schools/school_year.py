"""The school year, as far as access depends on it."""

from __future__ import annotations

import datetime

_FIRST_MONTH = 9
_LAST_DAY = (8, 31)
_NEXT_YEAR_IS_PREPARED_FROM = (8, 1)


def end_of_school_year(day: datetime.date) -> datetime.date:
    """31 August; a role given in August, when schools prepare the next year, is for that one."""
    year = day.year + ((day.month, day.day) >= _NEXT_YEAR_IS_PREPARED_FROM)
    return datetime.date(year, *_LAST_DAY)


def start_of_school_year(day: datetime.date) -> datetime.date:
    """1 September before *day*, or that very day."""
    return datetime.date(day.year - (day.month < _FIRST_MONTH), _FIRST_MONTH, 1)
