"""The end of tickets: with their sign-on, or with their owner; services hear of it (R-B9, T-E6).

One statement ends the tickets and writes a notice for each service that had opened a session with
one of them, in the transaction of whoever calls; a worker sends it (`sso.logout.notices`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from ent.jobs.waking import publish
from signin.enums import Realm
from sso.enums import LogoutMode
from sso.logout.models import LogoutNotice

SEND_TASK: Final = "sso.send_logouts"

# A notice per living service session: a ticket that was never consumed opened none.
_WRITE_NOTICES = """
INSERT INTO sso_logoutnotice
       (realm, service_id, address, session_index, created_at, next_try_at, tries, outcome)
SELECT ended.realm, ended.service_id, ended.address, ended.consumed_value, %(now)s, %(now)s, 0, ''
  FROM ended JOIN sso_service s ON s.id = ended.service_id
 WHERE ended.consumed_at IS NOT NULL AND s.logout_mode = %(mode)s
"""
_END = f"""
WITH grants AS (DELETE FROM sso_proxygrant WHERE sign_on = ANY(%(sign_ons)s)),
ended AS (
    UPDATE sso_ticket SET ended_at = %(now)s
     WHERE sign_on = ANY(%(sign_ons)s) AND ended_at IS NULL
    RETURNING realm, service_id, address, consumed_value, consumed_at
)
{_WRITE_NOTICES}
"""  # noqa: S608 - no value stands in it
_FORGET = f"""
WITH grants AS (
    DELETE FROM sso_proxygrant WHERE realm = %(realm)s AND subject = ANY(%(subjects)s)
),
ended AS (
    DELETE FROM sso_ticket WHERE realm = %(realm)s AND subject = ANY(%(subjects)s)
    RETURNING realm, service_id, address, consumed_value, consumed_at, ended_at
)
{_WRITE_NOTICES} AND ended.ended_at IS NULL
"""  # noqa: S608 - no value stands in it


def end_tickets(sign_ons: tuple[UUID, ...]) -> None:
    """End the tickets of these sign-ons: the hook of ended sessions."""
    _end(_END, {"sign_ons": list(sign_ons)})


@transaction.atomic
def forget_subjects(realm: Realm, subjects: Iterable[UUID]) -> None:
    """Delete the tickets and proxy grants of principals that end; their services are told.

    The room that owns the realm calls it where it deletes its principals: no foreign key does.
    """
    _end(_FORGET, {"realm": realm.value, "subjects": list(subjects)})


def hold_notices() -> int:
    """Give up what is still to be said, in a restored copy: it was said, or its time is over."""
    left = LogoutNotice.objects.filter(sent_at__isnull=True, given_up_at__isnull=True)
    return left.update(given_up_at=timezone.now(), outcome="restauration")


def wake_sender() -> None:
    """Tell a worker that there is something to send; without broker the next round finds it."""
    publish(SEND_TASK)


def _end(statement: str, values: dict[str, Any]) -> None:
    values |= {"now": timezone.now(), "mode": LogoutMode.BACK_CHANNEL.value}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if cursor.rowcount:
            transaction.on_commit(wake_sender, robust=True)
