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
from accounts.sessions import sign_on_of
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
    """When a secret was typed; a session without the mark was opened just now (tests, commands)."""
    seconds = request.session.get(AUTHENTICATED_AT_KEY)
    return timezone.now() if seconds is None else datetime.fromtimestamp(float(seconds), tz=UTC)
