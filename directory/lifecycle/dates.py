"""When somebody who left is erased (R-D5): three months later, in the night before.

Days are those of the portal's time zone (Europe/Paris). « The same day of the third month » of a
month that is too short is its last day: who left on 30 November is erased on 28 February.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

KEPT_MONTHS: Final = 3
#: The schools are told this many days before.
TOLD_DAYS: Final = 7
#: The night before a day begins at this hour of its eve.
_NIGHTFALL: Final = time(20)


def erasure_day(ended_on: date) -> date:
    """Return the day on which nothing is left of somebody whose last presence ended then."""
    months = ended_on.month - 1 + KEPT_MONTHS
    year, month = ended_on.year + months // 12, months % 12 + 1
    return date(year, month, min(ended_on.day, calendar.monthrange(year, month)[1]))


def last_end_erased_by(day: date) -> date:
    """Return the latest end of a presence whose erasure day has come by *day*."""
    ended_on = day
    while erasure_day(ended_on) > day:
        ended_on -= timedelta(days=1)
    return ended_on


def day_being_prepared(now: datetime) -> date:
    """Return the day for which the erasures are due at *now*: in the evening, the next one."""
    local = timezone.localtime(now)
    is_night = local.time() >= _NIGHTFALL
    return local.date() + timedelta(days=1) if is_night else local.date()


def start_of_day(day: date) -> datetime:
    """Return the first instant of *day* in the portal's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
