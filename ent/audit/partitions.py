"""The months of the journal: made ahead, dropped whole after their retention (T-M5).

Bounds are UTC. A month is attached, not created in place: attaching does not wait for a long
transaction that writes in the journal, nor makes others wait behind it. What falls in no month
(a clock gone wrong) goes to the default partition and is not lost.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

TABLE = "audit_auditevent"
MONTHS_AHEAD = 3
#: A month goes when it ended a year ago (access logs: 6 to 12 months, CNIL 2021-122).
RETENTION_MONTHS = 12

_PREFIX = f"{TABLE}_m"
logger = logging.getLogger(__name__)


def month_of(moment: datetime) -> date:
    """Return the first day of the moment's month, in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def month_start(month: date) -> datetime:
    """Return the first instant of a month."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def add_months(month: date, count: int) -> date:
    """Return the first day of the month that many months later (or before)."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def first_kept_month(now: datetime) -> date:
    """Return the oldest month whose events are kept."""
    return add_months(month_of(now), -RETENTION_MONTHS)


def journal_exists() -> bool:
    """Is it all there (not while migrations run backwards)?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('audit_make_month(date)') IS NOT NULL")
        row = cursor.fetchone()
        return bool(row and row[0])


def create_partitions(*, ahead: int = MONTHS_AHEAD) -> list[date]:
    """Make the partitions of this month and the next ones; return the months that were made."""
    this_month = month_of(timezone.now())
    wanted = [add_months(this_month, offset) for offset in range(ahead + 1)]
    known = set(existing_months())
    return [month for month in wanted if month not in known and _call("audit_make_month", month)]


def existing_months() -> list[date]:
    """Return the months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = to_regclass(%s) AND starts_with(relname, %s) ORDER BY relname",
            [TABLE, _PREFIX],
        )
        return [
            datetime.strptime(name.removeprefix(_PREFIX), "%Y%m").replace(tzinfo=UTC).date()
            for (name,) in cursor.fetchall()
        ]


def drop_expired_partitions() -> dict[date, int]:
    """Drop the months past their retention; return how many events each had.

    Dropping waits for whoever writes in the journal; it gives up after two seconds rather than make
    others wait behind it, and the next round tries again.
    """
    limit = first_kept_month(timezone.now())
    dropped = {}
    for month in existing_months():
        if month >= limit:
            continue
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                dropped[month] = int(_call("audit_drop_month", month))
        except OperationalError:
            logger.warning("journal: month %s is in use, dropped later", month)
    _call("audit_purge_default", month_start(limit))
    return dropped


def _call(function: str, value: date) -> Any:
    """Call a function of the journal's owner: the application's roles change nothing there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [value])
        return (cursor.fetchone() or (None,))[0]
