"""What the portal says to single sign-on: its sign-ons are those of accounts (`sso.realms`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.account.models import Account
from accounts.account.perms import SECOND_FACTOR_ROLES
from accounts.doors.base.models import Door
from accounts.doors.kinds import session_door
from accounts.doors.returns.renewal import ask_again
from accounts.enums import AccountState
from accounts.local.views import show_door
from accounts.mire.views import DOOR
from accounts.portal_realm import PortalPolicy
from accounts.second_factor.verification import is_enough
from accounts.session_ends.closing import close_session
from accounts.sign_in.query import SignInQuery
from accounts.sign_out.views import signed_out_page
from accounts.steps import services as steps
from directory.authorities.second_factor import BOUND_ROLES, is_bound_by_authority
from directory.enums import Profile
from ent.audit.origin import Origin
from signin.destinations import connected_page
from signin.enums import Method
from signin.sessions.methods import session_methods, sign_on_methods
from signin.sessions.store import DOOR_KEY, is_sign_on_alive, sign_on_of
from sso.catalogue.access import AccessFacts
from sso.catalogue.addresses import with_parameters
from sso.realms import SignInRequest, SignOn, Subject, SubjectQuery, authenticated_at
from sso.release.rules import Attributes, PersonFacts


def _subject_of(values: tuple[Any, ...]) -> Subject:
    """Make a ticket's owner of the columns below."""
    state, has_left, person_id, person_uuid, login, profile, *rest = values
    title, family_name, given_name, birth_date, postal_code, email, main_school_uai = rest
    is_shut_out = state == AccountState.BLOCKED or has_left or profile == Profile.CONTACT
    return Subject(
        may_enter=not is_shut_out,
        person_id=person_id,
        facts=PersonFacts(
            login=login,
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


class PortalSsoPolicy(PortalPolicy):
    """How accounts sign in for a service, what stops them, and what is known of them."""

    subject_query = SubjectQuery(
        joins="""
            JOIN accounts_account a ON a.uuid = consumed.subject
            JOIN directory_person p ON p.id = a.person_id
            LEFT JOIN directory_school s ON s.id = p.main_school_id
        """,
        person_id="p.id",
        columns=(
            "a.state",
            "p.left_at IS NOT NULL",
            "p.id",
            "p.uuid",
            "a.login",
            "p.profile",
            "p.title",
            "p.family_name",
            "p.given_name",
            "p.birth_date",
            "p.postal_code",
            "p.email",
            "coalesce(s.uai, '')",
        ),
        build=_subject_of,
    )

    def sign_on_of(self, request: HttpRequest) -> SignOn | None:
        """Return the account that is signed in; its person was read with the session."""
        account, sign_on = request.user, sign_on_of(request)
        if not account.is_authenticated or sign_on is None:
            return None
        return SignOn(
            id=sign_on,
            principal=account,
            person=account.person,
            authenticated_at=authenticated_at(request),
            methods=session_methods(request),
        )

    def find_sign_on(
        self, *, subject: UUID, sign_on: UUID, authenticated_at: datetime
    ) -> SignOn | None:
        """Return the account's sign-on while both may go on (T-B3)."""
        account = Account.objects.select_related("person").filter(uuid=subject).first()
        if account is None or not account.is_active or not is_sign_on_alive(sign_on):
            return None
        return SignOn(
            id=sign_on,
            principal=account,
            person=account.person,
            authenticated_at=authenticated_at,
            methods=sign_on_methods(sign_on),
        )

    def sign_in(self, request: HttpRequest, wanted: SignInRequest) -> HttpResponse:
        """Show the door of the address or evaluate its form; else lead to the door, or the mire.

        « guichet » in the address names a door; a session that is to be renewed remembers its own.
        """
        school = wanted.service.school if wanted.service is not None else None
        is_posted = request.method == "POST"
        sign_in_query = SignInQuery(
            school=school or SignInQuery.of(request).school,
            is_school_named=school is not None,
            next_path=wanted.next_path,
            renew=wanted.renew,
            is_served_here=is_posted,
        )
        named = request.GET.get(DOOR, "")[:60]
        remembered = "" if is_posted else str(request.session.get(DOOR_KEY, ""))
        door = Door.objects.filter(code=named or remembered).first()
        if door is None:
            query = sign_in_query.query(changer="1") if wanted.renew else sign_in_query.query()
            status = 303 if is_posted else 302
            return HttpResponseRedirect(reverse("accounts:mire") + query, status=status)
        if named and is_posted:  # without a service, the protocol's own page says who is signed in
            return show_door(request, door, replace(sign_in_query, next_path=wanted.own_path))
        if named:
            return show_door(request, door, sign_in_query)
        if door.asks_for_password:
            address = with_parameters(wanted.own_path, [(DOOR, door.code)])
        else:
            address = reverse("accounts:door", args=[door.code]) + sign_in_query.query()
        return HttpResponseRedirect(address)

    def show_signed_in(self, request: HttpRequest) -> HttpResponse:
        """Say who is signed in, on a page without any form.

        Programs that read pages take a form, whatever it is for, for a sign-in that was refused.
        """
        context = {"continue_href": connected_page(), "sign_out_href": reverse("sso:logout")}
        return render(request, "accounts/signed_in.html", context)

    def sign_out(self, request: HttpRequest, back: HttpResponse | None) -> HttpResponse:
        """End the session; without a service to go back to, the academy's sign-out or our page.

        Whoever came in through an academy proves again next time, as after our own button (R-B9):
        the academy's session may outlive this one.
        """
        door = session_door(request)
        close_session(request=request, origin=Origin.of(request))
        if door is None:
            return back or signed_out_page(request)
        address = reverse("accounts:signing_out_there", args=[door.code])
        response = back or HttpResponseRedirect(address)
        ask_again(response)
        return response

    def step_before_ticket(
        self, request: HttpRequest, sign_on: SignOn, facts: AccessFacts
    ) -> str | None:
        """Password, second factor, terms; the roles that require a second factor are known."""
        return steps.pending_step(request, is_bound=_is_bound(sign_on, facts))

    def has_step_due(self, sign_on: SignOn, facts: AccessFacts) -> bool:
        """Whoever gets no ticket in their browser before a step gets none otherwise (R-B7)."""
        account = cast("Account", sign_on.principal)
        if steps.must_choose_password(account):
            return True
        return _is_bound(sign_on, facts) and not is_enough(sign_on.methods, account)

    def sign_in_attributes(self, methods: frozenset[Method]) -> Attributes:
        """Nothing: the portal's services learn what their contract says."""
        return []

    def method_parameter(self) -> str:
        """None is read: a service's own row says which proof it requires."""
        return ""

    def method_called(self, value: str) -> Method | None:
        """No word means a method here."""
        return None


def _is_bound(sign_on: SignOn, facts: AccessFacts) -> bool:
    """Must the account use a second factor? Roles are those of this very request."""
    account = cast("Account", sign_on.principal)
    if account.is_operator or not facts.roles.isdisjoint(SECOND_FACTOR_ROLES):
        return True
    return not facts.roles.isdisjoint(BOUND_ROLES) and is_bound_by_authority(account.person_id)
