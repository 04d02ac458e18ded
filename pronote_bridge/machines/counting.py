"""How often a machine calls: exact between processes, counted before anything else is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from ent.sealing.hashing import keyed_hash
from ent.sealing.keys import KeyRole
from pronote_bridge.machines.models import MachineCount

#: Calls of one place (an address, or the /64 of an IPv6 one) in a minute, whatever it calls.
CALLS_A_MINUTE: Final = 30
#: Exports that one instance may start in an hour.
STARTS_AN_HOUR: Final = 6
_KEPT: Final = timedelta(hours=2)
_COUNT: Final = """
INSERT INTO pronote_bridge_machinecount (key, "window", calls) VALUES (%s, %s, 1)
ON CONFLICT (key, "window") DO UPDATE SET calls = pronote_bridge_machinecount.calls + 1
RETURNING calls
"""


def is_too_often(what: str, *, most: int, within: timedelta) -> bool:
    """Count one more call, and say whether there were too many in this window."""
    key = keyed_hash(KeyRole.THROTTLE_HASH, b"pronote machine:" + what.encode())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, _window(within)])
        (calls,) = cursor.fetchone()
    return int(calls) > most


def forget_old_counts() -> int:
    """Delete the windows that are over."""
    deleted, _ = MachineCount.objects.filter(window__lt=timezone.now() - _KEPT).delete()
    return deleted


def _window(length: timedelta) -> datetime:
    seconds = int(length.total_seconds())
    now = int(timezone.now().timestamp())
    return datetime.fromtimestamp(now - now % seconds, tz=timezone.get_current_timezone())
