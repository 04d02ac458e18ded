"""The departures of a browser, in its session, without which no return is believed (T-B4).

Somebody else's ticket, planted in an address that a victim opens, meets no departure and opens
nothing. A departure also holds what the sign-in was for, since the address that the academy knows
carries no state. Several tabs may leave at once.

A departure that is left over is what a planted ticket could meet. So it lives ten minutes, enough
to type a password and a code over there (who takes longer presses one button and types nothing
again), and it serves one return, whatever that return becomes (`docs/decisions/0037`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest
from django.utils import timezone

from accounts.doors.base.departure import Departure
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import Return

DEPARTURES_KEY = "departures"
LIFETIME_SECONDS = 600
_MOST = 5


def note_departure(request: HttpRequest, departure: Departure) -> None:
    """Keep the departure in the session; the five latest are kept."""
    kept = [*_kept(request), asdict(departure)]
    request.session[DEPARTURES_KEY] = kept[-_MOST:]


def find_departure(request: HttpRequest, door: Door, returned: Return) -> Departure | None:
    """Return the living departure of a return: that of its nonce, the oldest when it has none."""
    oldest = timezone.now().timestamp() - LIFETIME_SECONDS
    for one in _kept(request):
        is_living = one["door"] == door.code and one["left_at"] > oldest
        if is_living and returned.nonce in (None, one["nonce"]):
            return Departure(**one)
    return None


def use_departure(request: HttpRequest, departure: Departure) -> None:
    """Take away the departure of somebody who comes in."""
    _remove(request, lambda one: one["nonce"] == departure.nonce)


def end_departures(request: HttpRequest, door: Door, returned: Return) -> None:
    """Take away what a return that opens nothing has used: the departure of its nonce.

    Without a nonce nobody knows which tab came back: all departures for this door are taken away.
    """
    _remove(
        request, lambda one: one["door"] == door.code and returned.nonce in (None, one["nonce"])
    )


def departures_kept_for(request: HttpRequest, account: str) -> list[dict[str, Any]]:
    """Return the departures of the other tabs, which follow the browser into its new session.

    They bring back the same person only: a planted ticket does not replace who just came in.
    """
    return [{**one, "confirms": account} for one in _kept(request)]


def _remove(request: HttpRequest, is_used: Callable[[dict[str, Any]], bool]) -> None:
    """Saved at once: with a 503 Django keeps nothing of what changed in a session."""
    kept = _kept(request)
    left = [one for one in kept if not is_used(one)]
    if len(left) == len(kept):
        return
    request.session[DEPARTURES_KEY] = left
    with suppress(UpdateError):  # a session that just ended has no departure left to take away
        request.session.save()


def _kept(request: HttpRequest) -> list[dict[str, Any]]:
    kept = request.session.get(DEPARTURES_KEY, [])
    return kept if isinstance(kept, list) else []
