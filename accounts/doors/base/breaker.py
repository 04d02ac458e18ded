"""The circuit breaker of a door: one row, shared by every process of every machine.

Three failures in a row, or two that lasted until the deadline, and nobody waits any more: for
twenty seconds each return is told at once that the portal does not answer. Then one request, of
whichever process comes first, tries; when it succeeds the door is as before, when it fails twenty
more seconds pass. A ticket that the server refuses is an answer, not a failure.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from accounts.doors.base.models import Door, DoorHealth
from accounts.doors.base.protocol import DoorError
from accounts.enums import DoorFault

FAILURES = 3
REST = timedelta(seconds=20)

_NOTE_FAILURE = """
INSERT INTO accounts_doorhealth AS h (door_id, failures, closed_until, last_fault, last_failure_at)
VALUES (%(door)s, %(weight)s, NULL, %(fault)s, %(now)s)
ON CONFLICT (door_id) DO UPDATE SET
    failures = h.failures + %(weight)s, last_fault = %(fault)s, last_failure_at = %(now)s,
    closed_until = CASE
        WHEN h.failures + %(weight)s >= %(most)s THEN %(rest)s ELSE h.closed_until END
"""


def ensure_closed_circuit(door: Door) -> None:
    """Raise `DoorError` while the door rests; after that let one request through as a probe."""
    now = timezone.now()
    health = DoorHealth.objects.filter(door=door).first()
    if health is None or health.closed_until is None:
        return
    if health.closed_until > now:
        raise DoorError(DoorFault.CLOSED)
    # Whoever moves the date is the probe; the others find it moved.
    probing = DoorHealth.objects.filter(door=door, closed_until=health.closed_until)
    if not probing.update(closed_until=now + REST):
        raise DoorError(DoorFault.CLOSED)


def resting_since(door: Door) -> datetime | None:
    """Return when the door last failed if it rests at this moment."""
    health = DoorHealth.objects.filter(door=door, closed_until__gt=timezone.now()).first()
    return health.last_failure_at if health is not None else None


def note_failure(door: Door, fault: DoorFault) -> None:
    """Count a failure; the third in a row lets the door rest.

    A server that was waited for until the deadline costs a process each time: it counts twice.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE_FAILURE,
            {
                "door": door.pk,
                "fault": fault.value,
                "now": now,
                "rest": now + REST,
                "most": FAILURES,
                "weight": 2 if fault == DoorFault.HANG else 1,
            },
        )


def note_answer(door: Door) -> None:
    """The server answered: forget its failures. Nothing is written when there were none."""
    DoorHealth.objects.filter(door=door, failures__gt=0).update(failures=0, closed_until=None)
