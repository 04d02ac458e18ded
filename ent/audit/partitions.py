"""The months of the journal: made ahead, dropped whole after their retention (T-M5).

Bounds are UTC. A month is attached, not created in place: attaching does not wait for a long
transaction that writes in the journal, nor makes others wait behind it. What falls in no month
(a clock gone wrong) goes to the default partition and is not lost.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

TABLE = "audit_auditevent"
MONTHS_AHEAD = 3
#: A month goes when it ended a year ago (access logs: 6 to 12 months, CNIL 2021-122).
RETENTION_MONTHS = 12

_PREFIX = f"{TABLE}_m"
_LOCK = 0x4A524E4C  # "JRNL"
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
    """Is the table there (not while migrations run backwards)?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [TABLE])
        row = cursor.fetchone()
        return bool(row and row[0])


def create_partitions(*, ahead: int = MONTHS_AHEAD) -> list[date]:
    """Make the partitions of this month and the next ones; return the months that were made."""
    this_month = month_of(timezone.now())
    wanted = [add_months(this_month, offset) for offset in range(ahead + 1)]
    missing = [month for month in wanted if month not in set(existing_months())]
    if not missing:
        return []
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for month in missing:
            if month not in set(existing_months()) and not _default_holds(cursor, month):
                _create(cursor, month)
                made.append(month)
    return made


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
                cursor.execute(f"SELECT count(*) FROM {_name(month)}")  # noqa: S608 - our own name
                (count,) = cursor.fetchone() or (0,)
                cursor.execute(f"DROP TABLE {_name(month)}")
        except OperationalError:
            logger.warning("journal: month %s is in use, dropped later", month)
            continue
        dropped[month] = int(count)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE}_default WHERE occurred_at < %s",  # noqa: S608 - our own name
            [month_start(limit)],
        )
    return dropped


def _create(cursor: CursorWrapper, month: date) -> None:
    name = _name(month)
    start, end = (month_start(bound).isoformat() for bound in (month, add_months(month, 1)))
    cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    cursor.execute(
        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')"
    )
    # Triggers of rows follow the parent by themselves, those of statements do not.
    cursor.execute(
        f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
    )


def _default_holds(cursor: CursorWrapper, month: date) -> bool:
    """Has the default partition events of this month already? They stay there with it."""
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM {TABLE}_default"  # noqa: S608 - our own name
        " WHERE occurred_at >= %s AND occurred_at < %s)",
        [month_start(month), month_start(add_months(month, 1))],
    )
    row = cursor.fetchone()
    return bool(row and row[0])


def _name(month: date) -> str:
    return f"{_PREFIX}{month:%Y%m}"
