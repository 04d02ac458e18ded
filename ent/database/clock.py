"""The time by the database's clock, which all web processes share.

A machine whose clock is an hour ahead would end the session of everybody whom a balancer sends
there, and date its own sessions so that the others find them dead. Each connection of a page tells
how far off our clock is (`ent.database.patience`); nothing more is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

#: A difference below a second is the time that the answer took.
_LEAST_SECONDS: Final = 1.0
_offsets: Final = {"database": timedelta(0)}


def now() -> datetime:
    """Return the present moment by the database's clock, as far as it is known here."""
    return timezone.now() + _offsets["database"]


def note_database_time(seconds: float) -> None:
    """Take the database's time, in seconds since 1970, as it has just answered."""
    offset = seconds - timezone.now().timestamp()
    is_off = abs(offset) >= _LEAST_SECONDS
    _offsets["database"] = timedelta(seconds=offset if is_off else 0)
