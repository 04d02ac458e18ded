"""Days of the school office: they begin at midnight in Paris, whatever the server's clock says."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")


def start_of_day(day: date) -> datetime:
    """Return the first instant of a day (T-F11).

    Clocks change at 2 or 3 in the morning, so midnight exists once on every day.
    """
    return datetime.combine(day, time.min, tzinfo=PARIS)
