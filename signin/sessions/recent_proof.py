"""When somebody last proved who they are, and where they prove it again (R-B9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

from ent.database import clock
from signin.realms import realm_policy

AUTHENTICATED_AT_KEY = "authenticated_at"
"""When something was last proved in this session, in seconds since 1970; 0 for never."""
RECENT = timedelta(minutes=15)
_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def note_proof(request: HttpRequest) -> None:
    """Note that something was proved just now."""
    request.session[AUTHENTICATED_AT_KEY] = clock.now().timestamp()


def is_recently_authenticated(request: HttpRequest) -> bool:
    """Was something proved in this session within the last 15 minutes?"""
    proved_at = float(request.session.get(AUTHENTICATED_AT_KEY, 0))
    return clock.now().timestamp() - proved_at < RECENT.total_seconds()


def recent_proof_address(next_path: str) -> str:
    """Return the address of the realm's page that asks again, then leads to *next_path*."""
    return realm_policy().recent_proof_address(next_path=next_path)
