"""What single sign-on asks of a realm: who is signed in, how to ask, who may enter, what is known.

Portal and guichet share the code of single sign-on and nothing else. The room that owns a realm
extends the policy that it registers (`signin.realms`) by what stands here; everything else in `sso`
knows a principal by the realm and a UUID.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from directory.models import Person
from signin.enums import Method
from signin.realms import Principal, RealmPolicy, realm_policy
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from signin.sessions.store import SessionStore
from sso.catalogue.access import AccessFacts
from sso.catalogue.models import Service
from sso.release.rules import Attributes, PersonFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """Somebody's living sign-on: what a ticket is made from."""

    id: UUID
    """`Session.sign_on`: random, never the key of the session."""
    principal: Principal
    person: Person | None
    """The principal's person in the directory; a realm may know principals without one."""
    authenticated_at: datetime
    methods: frozenset[Method]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The owner of a ticket at the moment of its validation."""

    may_enter: bool
    person_id: int | None
    facts: PersonFacts
    required: Method | None = None
    """What the realm requires of this owner for any service: a ticket made without it is dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectQuery:
    """How the statement that consumes a ticket reads the ticket's owner as well.

    ``FROM consumed`` is written before *joins*: ``JOIN … ON ….uuid = consumed.subject``. Without an
    owner the statement has no row, and the ticket is invalid.
    """

    joins: str
    person_id: str
    """SQL expression of the owner's key in the directory: opaque identifiers are found by it."""
    columns: tuple[str, ...]
    """SQL expressions over the tables of *joins*."""
    build: Callable[[tuple[Any, ...]], Subject]
    """Makes the owner of these columns' values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequest:
    """A sign-in that somebody is to make before a ticket is given."""

    service: Service | None
    own_path: str
    """Our address that asks for the ticket: where the sign-in leads back to."""
    renew: bool
    """Must it be made now, whatever is remembered?"""

    @property
    def next_path(self) -> str:
        """Where to go on to afterwards, "" when no service asked."""
        return self.own_path if self.service is not None else ""


class SsoPolicy(RealmPolicy, Protocol):
    """What one realm says to single sign-on, beside what it says to any sign-in."""

    @property
    def subject_query(self) -> SubjectQuery:
        """Who owns a ticket, and may they enter."""

    def sign_on_of(self, request: HttpRequest) -> SignOn | None:
        """Return who is signed in; no statement beyond the one that read the session."""

    def find_sign_on(
        self, *, subject: UUID, sign_on: UUID, authenticated_at: datetime
    ) -> SignOn | None:
        """Return a sign-on without its browser, None when its next request would find it dead."""

    def sign_in(self, request: HttpRequest, wanted: SignInRequest) -> HttpResponse:
        """Show or evaluate the realm's form of signing in, or lead to it.

        After a posted sign-in with no forced step due the answer leads to ``wanted.next_path``, and
        the session is written: the ticket is given by the same request.
        """

    def show_signed_in(self, request: HttpRequest) -> HttpResponse:
        """Say that somebody is signed in already, and who."""

    def sign_out(self, request: HttpRequest, back: HttpResponse | None) -> HttpResponse:
        """End the session; answer *back*, which leads to a service, or a page of the realm."""

    def step_before_ticket(
        self, request: HttpRequest, sign_on: SignOn, facts: AccessFacts
    ) -> str | None:
        """Return the address of the forced step that is due; the person's roles are read already.

        *facts* are of this very request: a role that was given a moment ago counts.
        """

    def has_step_due(self, sign_on: SignOn, facts: AccessFacts) -> bool:
        """Is a forced step due for somebody whose browser is not there?"""

    def sign_in_attributes(self, methods: frozenset[Method]) -> Attributes:
        """Return what a validation tells about the sign-in itself, beside the protocol's own."""

    def method_parameter(self) -> str:
        """Return the parameter by which a service asks for a method; "": the realm reads none."""

    def method_called(self, value: str) -> Method | None:
        """Return the method that a service calls so, None for a word that means nothing here."""


def sso_policy() -> SsoPolicy:
    """Return the policy of the realm that this process serves."""
    return cast("SsoPolicy", realm_policy())


def authenticated_at(request: HttpRequest) -> datetime:
    """Return when something was proved in this session, or when the session began.

    A session that an academy merely remembered holds 0, which a service would read as 1970.
    """
    if seconds := float(request.session.get(AUTHENTICATED_AT_KEY) or 0):
        return datetime.fromtimestamp(seconds, tz=UTC)
    row = request.session.row if isinstance(request.session, SessionStore) else None
    return row.created_at if row is not None else timezone.now()
