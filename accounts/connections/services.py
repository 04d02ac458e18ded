"""« Mes connexions »: where an account is open, and closing it elsewhere (R-B9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.account.models import Account
from accounts.doors.base.models import Door
from accounts.session_ends import journal
from ent.audit.origin import Origin
from signin.sessions.endings import end_sessions
from signin.sessions.store import living_sessions


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """One browser where the account is open, in the words of the page."""

    sign_on: UUID
    device: str
    door: str
    opened_at: datetime
    last_seen_at: datetime
    is_this_one: bool


class UnknownConnectionError(Exception):
    """The account has no such connection, or it has ended meanwhile."""


def list_connections(*, account: Account, current: UUID | None) -> list[Connection]:
    """Return the living sessions of the account: this one first, then the latest seen."""
    sessions = list(living_sessions(account).order_by("-last_seen_at", "-created_at"))
    codes = {session.door_code for session in sessions}
    doors = {door.code: door for door in Door.objects.filter(code__in=codes)}
    connections = [
        Connection(
            sign_on=session.sign_on,
            device=session.agent_family,
            door=_door_words(doors.get(session.door_code)),
            opened_at=session.created_at,
            last_seen_at=session.last_seen_at,
            is_this_one=session.sign_on == current,
        )
        for session in sessions
        if session.sign_on is not None
    ]
    return sorted(connections, key=lambda connection: not connection.is_this_one)


@transaction.atomic
def close_connection(*, account: Account, sign_on: UUID, origin: Origin) -> None:
    """End one session of one's own, in another browser; refused at its next request."""
    if not end_sessions(sessions=account.sessions.filter(sign_on=sign_on)):
        raise UnknownConnectionError
    journal.sessions_closed(account, origin=origin, count=1)


def _door_words(door: Door | None) -> str:
    return door.way_words if door is not None else ""
