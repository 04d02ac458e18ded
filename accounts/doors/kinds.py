"""The kinds of doors that the product has, and the door of a session.

A door gives its protocol (`Door.protocol`) whatever its kind.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts.doors.base.models import Door
from accounts.doors.base.registry import register_protocol
from accounts.doors.cas.protocol import CasProtocol
from accounts.doors.ldap.protocol import LdapProtocol
from accounts.doors.local.protocol import LocalProtocol
from accounts.enums import DoorKind
from accounts.sign_in.query import RENEW
from signin.destinations import safe_path
from signin.sessions.store import DOOR_KEY


def register_kinds() -> None:
    """Called when the room is ready.

    The academy's own guichet is reached over CAS exactly as any other academy's portal (R-C1).
    """
    register_protocol(DoorKind.LOCAL, LocalProtocol())
    register_protocol(DoorKind.CAS, CasProtocol())
    register_protocol(DoorKind.LDAP, LdapProtocol())
    register_protocol(DoorKind.GUICHET, CasProtocol())


def session_door(request: HttpRequest) -> Door | None:
    """Return the door elsewhere by which this session came in, open or not; None if local."""
    if not request.user.is_authenticated:
        return None
    code = request.session.get(DOOR_KEY, "")
    door = Door.objects.filter(code=code).with_servers().first()
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
