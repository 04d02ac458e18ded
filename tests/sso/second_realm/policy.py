"""The policy of the second realm: everything that a realm must say to `signin` and `sso`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render

from directory.models import Person
from ent.database.prepared import make_object
from signin.destinations import forget_demand, keep_destination, safe_path
from signin.enums import Method, Realm
from signin.form_tickets.checks import StaleTicketError, ticket_of
from signin.realms import Principal, PrincipalQuery
from signin.sessions.methods import note_methods, session_methods, sign_on_methods
from signin.sessions.recent_proof import note_proof
from signin.sessions.store import (
    DOOR_KEY,
    EPOCH_KEY,
    PRINCIPAL_KEY,
    is_sign_on_alive,
    sign_on_of,
)
from sso.catalogue.access import AccessFacts
from sso.catalogue.addresses import with_parameters
from sso.realms import SignInRequest, SignOn, Subject, SubjectQuery, authenticated_at
from sso.release.rules import Attributes, PersonFacts

PASSWORD = "un préau sous la pluie"
IN_PLACE = "formulaire"
_PERSON = tuple(field.attname for field in Person._meta.concrete_fields)
_FACTS = {
    "login": "p.login",
    "person_uuid": "p.uuid::text",
    "profile": "p.profile",
    "title": "p.title",
    "family_name": "p.family_name",
    "given_name": "p.given_name",
    "birth_date": "p.birth_date",
    "postal_code": "p.postal_code",
    "email": "p.email",
    "main_school_uai": "coalesce(school.uai, '')",
}


@dataclass(frozen=True, slots=True)
class Agent:
    """A principal of this realm: a person of the directory."""

    person: Person
    epoch: int = 0
    is_authenticated: bool = True
    is_staff: bool = False

    @property
    def uuid(self) -> UUID:
        return self.person.uuid

    @property
    def is_active(self) -> bool:
        return self.person.left_at is None


def _agent(values: tuple[Any, ...]) -> Agent | None:
    person = make_object(Person, _PERSON, values)
    return Agent(person) if person is not None else None


def _subject(values: tuple[Any, ...]) -> Subject:
    is_there, person_id, *facts = values
    return Subject(
        may_enter=is_there,
        person_id=person_id,
        facts=PersonFacts(**dict(zip(_FACTS, facts, strict=True))),
    )


class SecondRealmPolicy:
    """Persons sign in by their login and the one password; nothing is ever due."""

    realm = Realm.GUICHET
    principal_query = PrincipalQuery(
        columns=tuple(f"p.{name}" for name in _PERSON),
        joins="LEFT JOIN directory_person p ON p.uuid = s.principal",
        build=_agent,
    )
    subject_query = SubjectQuery(
        columns=("p.left_at IS NULL", "p.id", *_FACTS.values()),
        joins="""
            JOIN directory_person p ON p.uuid = consumed.subject
            LEFT JOIN directory_school school ON school.id = p.main_school_id
        """,
        person_id="p.id",
        build=_subject,
    )

    def has_short_idle_limit(self, principal: Principal) -> bool:
        return False

    def sign_in_address(self, *, next_path: str) -> str:
        return f"/entrer/?{urlencode({'next': next_path})}" if next_path else "/entrer/"

    def pending_step(self, request: HttpRequest) -> str | None:
        return None

    def is_open_during_step(self, step: str, view_name: str) -> bool:
        return True

    def recent_proof_address(self, *, next_path: str) -> str:
        return self.sign_in_address(next_path=next_path)

    def strength_address(self, *, required: Method, next_path: str) -> str:
        return f"/preuve/?{urlencode({'exiger': required.value, 'next': next_path})}"

    def sign_on_of(self, request: HttpRequest) -> SignOn | None:
        sign_on = sign_on_of(request)
        if sign_on is None:
            return None
        agent = cast("Agent", request.user)
        return SignOn(
            id=sign_on,
            principal=agent,
            person=agent.person,
            authenticated_at=authenticated_at(request),
            methods=session_methods(request),
        )

    def find_sign_on(
        self, *, subject: UUID, sign_on: UUID, authenticated_at: datetime
    ) -> SignOn | None:
        person = Person.objects.filter(uuid=subject, left_at=None).first()
        if person is None or not is_sign_on_alive(sign_on):
            return None
        return SignOn(
            id=sign_on,
            principal=Agent(person),
            person=person,
            authenticated_at=authenticated_at,
            methods=sign_on_methods(sign_on),
        )

    def sign_in(self, request: HttpRequest, wanted: SignInRequest) -> HttpResponse:
        if IN_PLACE in request.GET:
            return answer_form(request, wanted.next_path, is_served_here=True)
        if request.session.get(DOOR_KEY) == IN_PLACE:
            address = with_parameters(wanted.own_path, [(IN_PLACE, "1")])
            return HttpResponseRedirect(address)
        return HttpResponseRedirect(self.sign_in_address(next_path=wanted.next_path))

    def show_signed_in(self, request: HttpRequest) -> HttpResponse:
        return render(request, "second_realm/signed_in.html")

    def sign_out(self, request: HttpRequest, back: HttpResponse | None) -> HttpResponse:
        request.session.flush()
        return back or render(request, "second_realm/signed_out.html")

    def step_before_ticket(
        self, request: HttpRequest, sign_on: SignOn, facts: AccessFacts
    ) -> str | None:
        return None

    def has_step_due(self, sign_on: SignOn, facts: AccessFacts) -> bool:
        return False

    def sign_in_attributes(self, methods: frozenset[Method]) -> Attributes:
        return [("methods", sorted(method.value for method in methods))] if methods else []

    def method_parameter(self) -> str:
        return ""

    def method_called(self, value: str) -> Method | None:
        return None


def answer_form(request: HttpRequest, next_path: str, *, is_served_here: bool) -> HttpResponse:
    """Show the form, or open a session for whoever typed a login and the password."""
    if request.method != "POST":
        return _form(request)
    try:
        ticket_of(request)
    except StaleTicketError:
        return _form(request, problem="périmé", status=403)
    person = Person.objects.filter(login=request.POST.get("username", ""), left_at=None).first()
    if person is None or not person.login or request.POST.get("password") != PASSWORD:
        return _form(request, problem="incorrect")
    _open_session(request, person)
    keep_destination(request, safe_path(next_path))
    if is_served_here:
        forget_demand(request)
    note_methods(request, Method.PASSWORD)
    note_proof(request)
    request.session.save()
    return HttpResponseRedirect(next_path or "/accueil/", status=303)


def _form(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    return render(request, "second_realm/form.html", {"problem": problem}, status=status)


def _open_session(request: HttpRequest, person: Person) -> None:
    """Whoever proves again who is signed in keeps the sign-on under another key."""
    if request.user.is_authenticated and cast("Agent", request.user).uuid == person.uuid:
        request.session.cycle_key()
    else:
        request.session.flush()
        request.session.update({PRINCIPAL_KEY: str(person.uuid), EPOCH_KEY: 0, DOOR_KEY: IN_PLACE})
    rotate_token(request)
    request.user = Agent(person)  # type: ignore[assignment]
