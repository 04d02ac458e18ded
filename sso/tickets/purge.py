"""Forgetting tickets: counted, then deleted, in small batches that hold no table (T-E12).

A ticket goes when it can serve no more: never consumed and a minute old, its sign-on over for an
hour, or older than any session may be. Notices stay a week, to be looked at.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from ent.database import clock
from signin.sessions.store import ABSOLUTE_LIMIT

BATCH = 5_000
_NEVER_CONSUMED_FOR = timedelta(minutes=2)
_ENDED_FOR = timedelta(hours=1)
_NOTICES_FOR = timedelta(days=7)

# The batch is chosen once (MATERIALIZED): as a subquery, a plan may read it again for each row, and
# each reading skips what the last one has locked.
_PURGE = """
WITH chosen AS MATERIALIZED (
    SELECT hash FROM sso_ticket
     WHERE created_at < %(unused)s
       AND (created_at < %(oldest)s OR ended_at < %(ended)s OR consumed_at IS NULL)
     ORDER BY created_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM sso_ticket WHERE hash IN (SELECT hash FROM chosen)
    RETURNING service_id, consumed_at, profile
), counted AS (
    INSERT INTO sso_serviceusage AS u (service_id, day, profile, visits)
    SELECT service_id, (consumed_at AT TIME ZONE 'Europe/Paris')::date, profile, count(*)
      FROM gone WHERE consumed_at IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (service_id, day, profile) DO UPDATE SET visits = u.visits + EXCLUDED.visits
)
SELECT count(*) FROM gone
"""
_PURGE_GRANTS = "DELETE FROM sso_proxygrant WHERE created_at < %s"
_PURGE_NOTICES = """
DELETE FROM sso_logoutnotice WHERE id IN (
    SELECT id FROM sso_logoutnotice WHERE created_at < %s ORDER BY created_at LIMIT %s)
"""


def purge_tickets() -> int:
    """Count and delete what is over; return how many tickets."""
    total = 0
    while deleted := purge_batch():
        total += deleted
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_PURGE_GRANTS, [now - ABSOLUTE_LIMIT])
        cursor.execute(_PURGE_NOTICES, [now - _NOTICES_FOR, BATCH])
    return total


@transaction.atomic
def purge_batch() -> int:
    """Count and delete one batch; return how many tickets."""
    now = clock.now()
    values: dict[str, Any] = {
        "unused": now - _NEVER_CONSUMED_FOR,
        "oldest": now - ABSOLUTE_LIMIT,
        "ended": now - _ENDED_FOR,
        "batch": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PURGE, values)
        row = cursor.fetchone()
    return int(row[0]) if row is not None else 0
