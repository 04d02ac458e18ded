"""What a browser left for: the mark in its session, without which no ticket is believed (T-B4).

Somebody else's ticket, planted in an address that a victim opens, meets no mark and opens nothing.
The mark holds what the sign-in was for, since the address that the academy knows carries no state.
Several tabs may leave at once: each return uses the oldest mark of its door.

A mark that was not used is what an attacker's ticket could meet, so it lives ten minutes: enough to
type a password and a code over there. Who takes longer presses one button and types nothing again.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest
from django.utils import timezone

from accounts.doors.base import Demand
from accounts.enums import Method
from accounts.models import Door

DEPARTURES_KEY = "departures"
LIFETIME_SECONDS = 600
_MOST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """One leaving for a door."""

    door: str
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    left_at: float = field(default_factory=lambda: timezone.now().timestamp())
    renew: bool = False
    method: str = ""
    next_path: str = ""
    school: str = ""
    confirms: str = ""
    """The account that proves again who it is; "" for a sign-in."""

    @property
    def demand(self) -> Demand:
        """What was asked of the door when leaving; the return is held to it."""
        method = Method(self.method) if self.method in Method.values else None
        return Demand(renew=self.renew, method=method)


def note_departure(request: HttpRequest, departure: Departure) -> None:
    """Keep the mark in the session; the five latest are kept."""
    marks = [*_marks(request), asdict(departure)]
    request.session[DEPARTURES_KEY] = marks[-_MOST:]


def find_departure(request: HttpRequest, door: Door) -> Departure | None:
    """Return the oldest living mark for this door; it stays until `use_departure`."""
    oldest = timezone.now().timestamp() - LIFETIME_SECONDS
    for mark in _marks(request):
        if mark.get("door") == door.code and mark.get("left_at", 0) > oldest:
            return Departure(**mark)
    return None


def use_departure(request: HttpRequest, departure: Departure) -> None:
    """Take the mark away: one return each, also when the answer is a page of failure.

    Saved at once: with a 503 Django keeps nothing of what changed in a session.
    """
    left = [mark for mark in _marks(request) if mark.get("nonce") != departure.nonce]
    request.session[DEPARTURES_KEY] = left
    with suppress(UpdateError):  # a session that just ended has no mark left to take away
        request.session.save()


def other_departures(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the marks of the other tabs, which follow this browser into its new session."""
    return _marks(request)


def _marks(request: HttpRequest) -> list[dict[str, Any]]:
    kept = request.session.get(DEPARTURES_KEY, [])
    return kept if isinstance(kept, list) else []
