"""Doors by kind: how somebody leaves for the other side, comes back, and signs out there.

`way_of(door)` gives the one small interface (`accounts.doors.base.Way`) whatever the kind.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts.destinations import safe_path
from accounts.doors.base import Assertion, Demand, DoorError, Way
from accounts.doors.cas import CasWay
from accounts.doors.local import LocalWay
from accounts.enums import DoorKind
from accounts.journey import RENEW
from accounts.models import Door
from accounts.sessions import DOOR_KEY

# The academy's own guichet is reached over CAS exactly as any other academy's portal (R-C1).
_WAYS: Final[dict[str, Way]] = {
    DoorKind.LOCAL: LocalWay(),
    DoorKind.CAS: CasWay(),
    DoorKind.GUICHET: CasWay(),
}

__all__ = ["Assertion", "Demand", "DoorError", "Way", "renewal_address", "session_door", "way_of"]


def way_of(door: Door) -> Way:
    """Return how this door works; raises `KeyError` for a kind that has no way yet."""
    return _WAYS[door.kind]


def session_door(request: HttpRequest) -> Door | None:
    """Return the door elsewhere by which this session came in, open or not; None if local."""
    if not request.user.is_authenticated:
        return None
    code = request.session.get(DOOR_KEY, "")
    door = Door.objects.filter(code=code).select_related("authority", "cas").first()
    return door if door is not None and door.has_server else None


def renewal_address(request: HttpRequest, next_path: str) -> str:
    """Return where this session's owner proves again who they are, "" when no door can ask.

    The page of the door says why it asks; after the proof, *next_path* is opened.
    """
    door = session_door(request)
    if door is None or not door.leads_elsewhere:
        return ""
    query = urlencode({RENEW: "1", "next": safe_path(next_path)})
    return f"{reverse('accounts:door', args=[door.code])}?{query}"
