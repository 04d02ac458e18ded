"""Whose ticket it is: the one place where single sign-on looks at a session.

Portal and guichet share the code of single sign-on and nothing else. A realm says who its
principals are by these few facts; the portal's are accounts. A guichet's will be its own
credentials, found by its own `principal_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Account
from accounts.services.sign_in import AUTHENTICATED_AT_KEY
from accounts.sessions import SessionStore, sign_on_of
from directory.models import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody signed in, as tickets know them."""

    account_id: int
    person: Person
    sign_on: UUID
    authenticated_at: datetime


def principal_of(request: HttpRequest) -> Principal | None:
    """Return who is signed in; no statement beyond the one that read the session."""
    account, sign_on = request.user, sign_on_of(request)
    if (not isinstance(account, Account) and not account.is_authenticated) or sign_on is None:
        return None
    return Principal(
        account_id=account.pk,
        person=account.person,
        sign_on=sign_on,
        authenticated_at=_authenticated_at(request),
    )


def _authenticated_at(request: HttpRequest) -> datetime:
    """When a secret was typed; when the session began, if its academy merely remembered somebody.

    Such a session holds 0, which services would read as 1970 and find too old.
    """
    if seconds := float(request.session.get(AUTHENTICATED_AT_KEY) or 0):
        return datetime.fromtimestamp(seconds, tz=UTC)
    row = request.session.row if isinstance(request.session, SessionStore) else None
    return row.created_at if row is not None else timezone.now()
