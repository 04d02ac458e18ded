"""The agent who is signed in."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from guichet.agents.models import AcademicCredential


def agent_or_nobody(request: HttpRequest) -> AcademicCredential | None:
    """Return who is signed in to the guichet, None when nobody is."""
    user = cast("object", request.user)
    return user if isinstance(user, AcademicCredential) else None


def agent_of(request: HttpRequest) -> AcademicCredential:
    """Return who is signed in, on a page that nobody else reaches."""
    return cast("AcademicCredential", request.user)
