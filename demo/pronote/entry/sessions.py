"""Who is in, by a cookie that dies with the browser. Kept in memory: a stop ends every session."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Session:
    """One browser: the supervisor, somebody recognised by the ENT, or a direct sign-in."""

    is_supervisor: bool = False
    identifier: str = ""
    """Of the ENT."""
    ticket: str = ""
    """The ticket by which somebody came in: a sign-out message names it."""
    number: int = 0
    """Of the person, for a direct sign-in."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """Stands in each form of the administration: another site cannot post there."""
    notice: str = ""
    """What the next page says about the act before it."""


class Sessions:
    """The sessions, by the value of their cookie."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def open(self, session: Session) -> str:
        """Keep a session; return its key."""
        key = secrets.token_urlsafe(24)
        with self._lock:
            self._sessions[key] = session
        return key

    def find(self, key: str) -> Session | None:
        """Return the session of a cookie."""
        return self._sessions.get(key)

    def end(self, key: str) -> None:
        """End one session."""
        with self._lock:
            self._sessions.pop(key, None)

    def end_of_ticket(self, ticket: str) -> None:
        """End whatever a ticket opened."""
        with self._lock:
            for key in [k for k, one in self._sessions.items() if ticket and one.ticket == ticket]:
                del self._sessions[key]
