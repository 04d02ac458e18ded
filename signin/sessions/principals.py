"""Who stands behind a request's session."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from signin.realms import Principal
from signin.sessions.recent_proof import note_proof
from signin.sessions.store import EPOCH_KEY, PRINCIPAL_KEY, SessionStore


def current_principal(request: HttpRequest) -> Principal | AnonymousUser:
    """Return the principal of the request's session when it may go on, nobody otherwise.

    The row was read with its principal in one statement, in this process's realm only. Blocked,
    gone or of another epoch (new password, role lost): the session dies here, at the next request.
    """
    session = request.session
    if not session.session_key or session.get(PRINCIPAL_KEY) is None:
        return AnonymousUser()
    row = session.row if isinstance(session, SessionStore) else None
    principal = session.principal if isinstance(session, SessionStore) else None
    if row is None:
        return AnonymousUser()
    if principal is None or row.epoch != principal.epoch or not principal.is_active:
        session.flush()
        return AnonymousUser()
    return principal


def note_django_login(request: HttpRequest, user: Any, **_: Any) -> None:
    """Name the principal in a session that Django's own `login` opened (tests do)."""
    note_proof(request)
    request.session[PRINCIPAL_KEY] = str(user.uuid)
    request.session[EPOCH_KEY] = user.epoch
