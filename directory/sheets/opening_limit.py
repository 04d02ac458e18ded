"""The limit on sheets opened in an hour: it slows down who copies the directory (T-I4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from directory.models import SheetCount
from directory.rights.actors import Actor
from ent.audit.enums import Act as AuditAct
from ent.audit.enums import Outcome
from ent.audit.origin import Origin
from ent.audit.services import record

#: More sheets in an hour than anybody's work needs.
SHEETS_PER_HOUR = 200
#: Beyond the limit, one sheet per this many seconds.
SLOWED_SECONDS = 10


class TooManySheetsError(Exception):
    """The reader must wait a little; ``seconds`` says how long."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


def forget_old_counts() -> None:
    """Delete the counts of hours that are over: they would say who read how much, and when."""
    over = timezone.now() - timedelta(hours=2)
    SheetCount.objects.filter(hour__lt=over).delete()


def count_sheet(*, actor: Actor, origin: Origin, now: datetime | None = None) -> int:
    """Count one more sheet opened by *actor* this hour, exactly, in one statement.

    Up to the limit nothing happens. The sheet that passes it is journaled as an alert, once an
    hour; from then on a sheet opened less than ten seconds after the one before is refused, and
    the refusal does not count as an opening.
    """
    now = now or timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO directory_sheetcount AS kept (reader_id, hour, count, last_at)
            VALUES (%(reader)s, %(hour)s, 1, %(now)s)
            ON CONFLICT (reader_id, hour) DO UPDATE
               SET count = kept.count + 1, last_at = %(now)s
             WHERE kept.count < %(limit)s OR kept.last_at <= %(since)s
            RETURNING count
            """,
            {
                "reader": actor.person_id,
                "hour": hour,
                "now": now,
                "limit": SHEETS_PER_HOUR,
                "since": now - timedelta(seconds=SLOWED_SECONDS),
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise TooManySheetsError(SLOWED_SECONDS)
    count = int(row[0])
    if count == SHEETS_PER_HOUR + 1:
        record(
            act=AuditAct.CEILING_REACHED,
            actor=actor.uuid,
            origin=origin,
            outcome=Outcome.REFUSED,
            details={"count": count, "kind": "sheets"},
        )
    return count
