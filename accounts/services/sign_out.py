"""Ending a session, with everything that hangs on it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts import journal
from ent.audit.origin import Origin

_hooks: list[Callable[[HttpRequest], None]] = []


def on_sign_out(hook: Callable[[HttpRequest], None]) -> Callable[[HttpRequest], None]:
    """Register what a higher room ends with the session (services, academic session)."""
    _hooks.append(hook)
    return hook


def close_session(*, request: HttpRequest, origin: Origin) -> None:
    """Delete the session and change the forgery secret; harmless for somebody signed out."""
    if request.user.is_authenticated:
        for hook in _hooks:
            hook(request)
        journal.signed_out(request.user, origin=origin)
    request.session.flush()
    rotate_token(request)
    request.user = AnonymousUser()
