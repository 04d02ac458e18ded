"""The realms of single sign-on, and what each of them says about its own principals.

A process serves one realm (`settings.PREAU_REALM`). The room that owns a realm registers one policy
object for it, which also answers for single sign-on (`sso` extends the protocol):

    # accounts/apps.py, AppConfig.ready
    register_realm(PortalPolicy())

`signin` and `sso` know a principal by (realm, uuid) and ask the policy for everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from signin.enums import Method, Realm


class Principal(Protocol):
    """Who signs in to a realm: `request.user` of a signed-in request."""

    @property
    def uuid(self) -> UUID:
        """The identifier that sessions, tickets and factors are keyed by."""

    @property
    def epoch(self) -> int:
        """Raised to end every session; a session of another epoch is dead."""

    @property
    def is_authenticated(self) -> bool:
        """True: somebody is signed in. Django's anonymous user answers False."""

    @property
    def is_active(self) -> bool:
        """May the principal sign in, and a session of theirs go on?"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrincipalQuery:
    """How a statement about a session (alias ``s``) reads its principal as well."""

    columns: tuple[str, ...]
    """SQL expressions over the tables of *joins*."""
    joins: str
    """``LEFT JOIN … ON ….uuid = s.principal``, and what hangs on it."""
    build: Callable[[tuple[Any, ...]], Principal | None]
    """Makes the principal of these columns' values; None when the join found nobody."""


class RealmPolicy(Protocol):
    """What one realm says about its principals and its pages."""

    @property
    def realm(self) -> Realm:
        """The realm that this object speaks for."""

    @property
    def principal_query(self) -> PrincipalQuery:
        """Who is the principal behind a session."""

    def has_short_idle_limit(self, principal: Principal) -> bool:
        """Does a session end after 30 minutes without a visit (`SHORT_IDLE_LIMIT`), not 60?"""

    def sign_in_address(self, *, next_path: str) -> str:
        """Return the page where somebody signs in, then goes on to *next_path*."""

    def pending_step(self, request: HttpRequest) -> str | None:
        """Return the view name of the forced step that is due, None when none is."""

    def is_open_during_step(self, step: str, view_name: str) -> bool:
        """Does the page of that name open while the step is due?"""

    def recent_proof_address(self, *, next_path: str) -> str:
        """Return the page that asks again who somebody is, then leads to *next_path*."""

    def strength_address(self, *, required: Method, next_path: str) -> str:
        """Return the page where the method can be proved, which then leads to *next_path*."""


_policies: dict[Realm, RealmPolicy] = {}


def register_realm(policy: RealmPolicy) -> None:
    """Make this object the policy of its realm; the room that owns the realm calls it once."""
    _policies[policy.realm] = policy


def current_realm() -> Realm:
    """Return the realm that this process serves."""
    return Realm(settings.PREAU_REALM)


def realm_policy() -> RealmPolicy:
    """Return the policy of the realm that this process serves."""
    realm = current_realm()
    try:
        return _policies[realm]
    except KeyError:
        raise ImproperlyConfigured(f"no room registered the realm {realm.value!r}") from None
