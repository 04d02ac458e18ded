"""Ending a session, with everything that hangs on it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts.session_ends import journal
from directory.schools.remembered import keep_current_school
from ent.audit.origin import Origin


def close_session(*, request: HttpRequest, origin: Origin) -> None:
    """Delete the session and change the forgery secret; harmless for somebody signed out.

    The browser keeps the school that one was in, so that the next sign-in starts from there.
    """
    if request.user.is_authenticated:
        keep_current_school(request)
        journal.signed_out(request.user, origin=origin)
    request.session.flush()
    rotate_token(request)
    request.user = AnonymousUser()
