"""What a guichet says to any sign-in and to single sign-on: its principals are agents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from directory.enums import Role
from directory.models import Authority, Person, RoleGrant
from ent.database.prepared import make_object
from guichet.agents.current import agent_or_nobody
from guichet.agents.models import AcademicCredential
from guichet.authority.current import current_guichet
from guichet.sign_in import pages
from guichet.sign_in.marks import is_first_use_under_way
from guichet.sign_in.opening import close_session
from guichet.steps import pending
from signin.enums import Method, Realm
from signin.realms import Principal, PrincipalQuery
from signin.sessions.methods import DEMAND, session_methods, sign_on_methods
from signin.sessions.store import is_sign_on_alive, sign_on_of
from sso.catalogue.access import AccessFacts
from sso.catalogue.addresses import with_parameters
from sso.realms import SignInRequest, SignOn, Subject, SubjectQuery, authenticated_at
from sso.release.rules import Attributes, PersonFacts

IN_PLACE: Final = "formulaire"
"""The parameter that shows the form on the protocol's own address."""


def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)  # noqa: SLF001


_AGENT: Final = _columns(AcademicCredential)
_AUTHORITY: Final = _columns(Authority)
_PERSON: Final = _columns(Person)


def _agent_of(values: tuple[Any, ...]) -> AcademicCredential | None:
    """Make the agent; one of another authority's guichet is nobody here."""
    ends = len(_AGENT), len(_AGENT) + len(_AUTHORITY)
    agent = make_object(AcademicCredential, _AGENT, values[: ends[0]])
    authority = make_object(Authority, _AUTHORITY, values[ends[0] : ends[1]]) if agent else None
    if agent is None or authority is None or authority.code != settings.GUICHET_AUTHORITY:
        return None
    agent.authority = authority
    agent.person = make_object(Person, _PERSON, values[ends[1] :])
    return agent


def _subject_of(values: tuple[Any, ...]) -> Subject:
    authority, has_left, ends_on, requires, person_id, *facts = values
    uid, person_uuid, profile, title, family_name, given_name, *rest = facts
    birth_date, postal_code, email, main_school_uai = rest
    return Subject(
        may_enter=authority == settings.GUICHET_AUTHORITY and not has_left and _lasts(ends_on),
        person_id=person_id,
        required=Method.KEY if requires else None,
        facts=PersonFacts(
            login=uid,
            person_uuid=str(person_uuid),
            profile=profile,
            title=title,
            family_name=family_name,
            given_name=given_name,
            birth_date=birth_date,
            postal_code=postal_code,
            email=email,
            main_school_uai=main_school_uai,
        ),
    )


def _lasts(ends_on: date | None) -> bool:
    return ends_on is None or ends_on >= timezone.localdate()


class GuichetPolicy:
    """How agents sign in, what stops them, and what is known of them."""

    realm = Realm.GUICHET
    principal_query = PrincipalQuery(
        columns=(
            *(f"c.{name}" for name in _AGENT),
            *(f"y.{name}" for name in _AUTHORITY),
            *(f"p.{name}" for name in _PERSON),
        ),
        joins="""
            LEFT JOIN guichet_academiccredential c ON c.uuid = s.principal
            LEFT JOIN directory_authority y ON y.id = c.authority_id
            LEFT JOIN directory_person p ON p.id = c.person_id
        """,
        build=_agent_of,
    )
    subject_query = SubjectQuery(
        joins="""
            JOIN guichet_academiccredential c ON c.uuid = consumed.subject
            JOIN directory_authority y ON y.id = c.authority_id
            JOIN guichet_guichet g ON g.authority_id = y.id
            LEFT JOIN directory_person p ON p.id = c.person_id
            LEFT JOIN directory_school school ON school.id = p.main_school_id
        """,
        person_id="p.id",
        columns=(
            "y.code",
            "c.left_at IS NOT NULL OR (p.id IS NOT NULL AND p.left_at IS NOT NULL)",
            "c.ends_on",
            "c.requires_key OR (c.function <> '' AND c.function = ANY (g.functions_with_key))",
            "p.id",
            "c.uid",
            "coalesce(p.uuid, c.uuid)",
            "coalesce(p.profile, '')",
            "coalesce(p.title, '')",
            "coalesce(p.family_name, c.family_name)",
            "coalesce(p.given_name, c.given_name)",
            "coalesce(p.birth_date, c.birth_date)",
            "coalesce(p.postal_code, c.postal_code)",
            "coalesce(nullif(c.email, ''), p.email, '')",
            "coalesce(school.uai, '')",
        ),
        build=_subject_of,
    )

    def has_short_idle_limit(self, principal: Principal) -> bool:
        """Whoever may act on the keys of others: 30 minutes."""
        person_id = cast("AcademicCredential", principal).person_id
        if person_id is None:
            return False
        grants = RoleGrant.objects.in_force().filter(person_id=person_id)
        return grants.filter(role__in=[Role.HELPDESK, Role.ENT_ADMINISTRATOR]).exists()

    def sign_in_address(self, *, next_path: str) -> str:
        """Return the one page of signing in."""
        query = urlencode({"next": next_path})
        return f"{reverse('guichet:enter')}?{query}" if next_path else reverse("guichet:enter")

    def pending_step(self, request: HttpRequest) -> str | None:
        """First use, password, key (R-C3, R-C6)."""
        return pending.pending_step(request)

    def is_open_during_step(self, step: str, view_name: str) -> bool:
        """The step's own page, and the way out."""
        return view_name in {step, "guichet:sign_out"}

    def recent_proof_address(self, *, next_path: str) -> str:
        """Return the page that asks for the key, or the password, again."""
        return f"{reverse('guichet:confirm')}?{urlencode({'next': next_path})}"

    def strength_address(self, *, required: Method, next_path: str) -> str:
        """Return the page that asks for the key."""
        query = urlencode({DEMAND: required.value, "next": next_path})
        return f"{reverse('guichet:confirm')}?{query}"

    def sign_on_of(self, request: HttpRequest) -> SignOn | None:
        """Return the agent who is signed in."""
        agent, sign_on = agent_or_nobody(request), sign_on_of(request)
        if agent is None or sign_on is None:
            return None
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
        """Return the agent's sign-on while both may go on."""
        agents = AcademicCredential.objects.select_related("person", "authority")
        agent = agents.filter(uuid=subject, authority__code=settings.GUICHET_AUTHORITY).first()
        if agent is None or not agent.is_active or not is_sign_on_alive(sign_on):
            return None
        return SignOn(
            id=sign_on,
            principal=agent,
            person=agent.person,
            authenticated_at=authenticated_at,
            methods=sign_on_methods(sign_on),
        )

    def sign_in(self, request: HttpRequest, wanted: SignInRequest) -> HttpResponse:
        """Show the form on the protocol's own address, or lead to the page."""
        if IN_PLACE in request.GET or request.method == "POST":
            next_path = wanted.own_path if request.method == "POST" else wanted.next_path
            return pages.answer(request, next_path, is_served_here=True)
        if request.user.is_authenticated and wanted.renew:
            address = with_parameters(wanted.own_path, [(IN_PLACE, "1")])
            return HttpResponseRedirect(address)
        return HttpResponseRedirect(self.sign_in_address(next_path=wanted.next_path))

    def show_signed_in(self, request: HttpRequest) -> HttpResponse:
        """Say who is signed in, on a page without any form."""
        return render(request, "guichet/signed_in.html", {"sign_out_href": reverse("sso:logout")})

    def sign_out(self, request: HttpRequest, back: HttpResponse | None) -> HttpResponse:
        """End the session; then the service, or our page."""
        close_session(request)
        return back or pages.signed_out_page(request)

    def step_before_ticket(
        self, request: HttpRequest, sign_on: SignOn, facts: AccessFacts
    ) -> str | None:
        """First use, password, key: no ticket before."""
        return pending.pending_step(request)

    def has_step_due(self, sign_on: SignOn, facts: AccessFacts) -> bool:
        """Whoever proved nothing yet, or lacks the key that is required of them."""
        agent = cast("AcademicCredential", sign_on.principal)
        if agent.must_choose_password or is_first_use_under_way(sign_on.id):
            return True
        return Method.KEY not in sign_on.methods and pending.requires_key(agent, current_guichet())

    def sign_in_attributes(self, methods: frozenset[Method]) -> Attributes:
        """Name the method in the words of this authority (R-C6)."""
        if not methods:
            return []
        guichet = current_guichet()
        value = guichet.key_method if Method.KEY in methods else guichet.password_method
        names = dict.fromkeys(("authnContextClass", guichet.method_attribute))
        return [(name, [value]) for name in names]

    def method_parameter(self) -> str:
        """« authn_method », unless the authority says otherwise."""
        return current_guichet().method_parameter

    def method_called(self, value: str) -> Method | None:
        """The two words are the authority's."""
        guichet = current_guichet()
        return {guichet.key_method: Method.KEY, guichet.password_method: Method.PASSWORD}.get(value)
