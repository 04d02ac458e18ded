"""The pages of an academic door: each says what happened, and has the button that solves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.account.models import Account
from accounts.doors.base import breaker
from accounts.doors.base.departure import Departure
from accounts.doors.base.models import Door
from accounts.doors.bindings.matching import BindingRefusedError
from accounts.enums import BindingRefusal, DoorFault
from accounts.sign_in.already import already_signed_in
from accounts.sign_in.query import SignInQuery
from signin.destinations import connected_page
from signin.enums import Method
from signin.sessions.methods import DEMAND
from sso.protocol.warnings import is_for_services

PREVIOUS_KEY = "previous_name"
RETRY_SECONDS = 2
_TITLES = {
    DoorFault.TICKET: "Cette connexion n’est plus valable",
    DoorFault.SERVICE: "Le portail de l’académie ne reconnaît pas l’ENT",
    DoorFault.RENEW: "Votre identification n’a pas été refaite",
    DoorFault.METHOD: "La clé de sécurité n’a pas été utilisée",
    DoorFault.EXPIRED: "Votre mot de passe a expiré",
    DoorFault.MUST_CHANGE: "Votre mot de passe est provisoire",
    DoorFault.SUBJECT: "Le portail de l’académie n’a pas dit qui vous êtes",
}
_UNAVAILABLE = "Le portail de l’académie ne répond pas"
_LDAP_UNAVAILABLE = "L’annuaire de l’université ne répond pas"


def query_of(departure: Departure | None) -> SignInQuery:
    """Return what the sign-in was for, judged anew."""
    if departure is None:
        return SignInQuery()
    return SignInQuery.named(school=departure.school, next_path=departure.next_path)


def door(
    request: HttpRequest,
    door: Door,
    sign_in_query: SignInQuery,
    *,
    resting_since: datetime | None = None,
    stale: str = "",
    status: int = 200,
) -> HttpResponse:
    """One button, and the way back to the choice of profile."""
    context = {
        "resting_since": resting_since,
        "stale": stale,
        "offers_warning": is_for_services(sign_in_query.next_path),
        "is_renewal": sign_in_query.renew and request.user.is_authenticated,
        "asks_for_key": request.GET.get(DEMAND) == Method.KEY,
        "home_href": connected_page(),
        "action": request.get_full_path(),
    }
    return _page(
        request, door, sign_in_query, "accounts/academic_door.html", context, status=status
    )


def no_key(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> HttpResponse:
    """The academy of this session has no key that we could ask for."""
    context = {
        "required": Method.KEY,
        "comes_from_academy": True,
        "home_href": connected_page(),
    }
    return _page(
        request, door, sign_in_query, "accounts/strength_missing.html", context, status=403
    )


def leaving(request: HttpRequest, door: Door, address: str) -> HttpResponse:
    """Go on by itself to the academy; a link for whoever stays."""
    response = _page(request, door, SignInQuery(), "accounts/leaving.html", {"address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response


def going_on(request: HttpRequest, door: Door, address: str) -> HttpResponse:
    """Go on by itself to an address of ours, as a page of ours: with all the browser's cookies."""
    response = _page(request, door, SignInQuery(), "accounts/going_on.html", {"address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response


def no_answer(request: HttpRequest, door: Door, departure: Departure | None) -> HttpResponse:
    """Somebody came back without having signed in there, or opened the address by hand."""
    if request.user.is_authenticated:
        return already_signed_in(request)
    context = {"title": "Vous n’êtes pas connecté", "case": "no_answer"}
    return _trouble_page(request, door, departure, context, status=200)


def unasked(request: HttpRequest, door: Door) -> HttpResponse:
    """A ticket that this browser did not leave for: an old page, or somebody else's."""
    context = {"title": "Reprenez la connexion ici", "case": "unasked"}
    return _trouble_page(request, door, None, context, status=403)


def closed(request: HttpRequest, door: Door, departure: Departure | None) -> HttpResponse:
    """The door was closed while somebody was at the academy; who is signed in here stays so."""
    if request.user.is_authenticated:
        return already_signed_in(request)
    context = {"title": "Ce guichet vient de fermer", "case": "closed"}
    return _trouble_page(request, door, departure, context, status=403)


def busy(
    request: HttpRequest, door: Door, departure: Departure | None, *, again: str
) -> HttpResponse:
    """Many come back at once: the page asks again by itself, a few times."""
    context = {"title": "Encore un instant", "case": "busy", "again": again}
    response = _trouble_page(request, door, departure, context, status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    if again:
        response.headers["Refresh"] = f"{RETRY_SECONDS}; url={again}"
    return response


def trouble(
    request: HttpRequest, door: Door, fault: DoorFault, departure: Departure | None
) -> HttpResponse:
    """What the academy answered, or that it did not."""
    is_away = fault.is_server_unwell or fault == DoorFault.CLOSED
    context = {
        "title": (_LDAP_UNAVAILABLE if door.is_ldap else _UNAVAILABLE)
        if is_away
        else _TITLES[fault],
        "case": "away" if is_away else fault.value,
    }
    return _trouble_page(request, door, departure, context, status=503 if is_away else 403)


def refused(
    request: HttpRequest, door: Door, error: BindingRefusedError, departure: Departure
) -> HttpResponse:
    """The academy knows this person and we do not let them in: why, what to quote, whom to ask."""
    context = {
        "reason": error.reason.value,
        "reasons": {name: choice.value for name, choice in BindingRefusal.__members__.items()},
        "reference": error.reference,
        "leave_href": sign_out_address(door),
    }
    sign_in_query = query_of(departure)
    return _page(request, door, sign_in_query, "accounts/binding_refused.html", context, status=403)


def somebody_else(
    request: HttpRequest, door: Door, account: Account, departure: Departure
) -> HttpResponse:
    """The academy names somebody else than the session here, and nobody asked to change."""
    context = {
        "named": account.person.full_name,
        "continue_href": connected_page(),
        "is_confirmation": bool(departure.confirms),
    }
    sign_in_query = query_of(departure)
    return _page(request, door, sign_in_query, "accounts/somebody_else.html", context, status=409)


def changed_person(request: HttpRequest, previous: str, continue_href: str) -> HttpResponse:
    """Who is signed in now, and whose session was closed."""
    context = {"previous": previous, "continue_href": continue_href}
    return render(request, "accounts/changed_person.html", context)


def signing_out_there(request: HttpRequest, door: Door, address: str) -> HttpResponse:
    """Our sign-out is done; the academy's follows by itself, unless it does not answer."""
    is_resting = breaker.resting_since(door) is not None
    context = {"address": address, "is_resting": is_resting}
    response = _page(request, door, SignInQuery(), "accounts/signing_out_there.html", context)
    if door.is_open and not is_resting:  # nobody is led by itself to what may exist no more
        response.headers["Refresh"] = f"0; url={address}"
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def sign_out_address(door: Door) -> str:
    """Return where the session over there is ended, "" when the door has no such address."""
    back = str(settings.PUBLIC_BASE_URL) + reverse("accounts:signed_out")
    return door.protocol.sign_out(door, back)


def _trouble_page(
    request: HttpRequest,
    door: Door,
    departure: Departure | None,
    context: Mapping[str, object],
    *,
    status: int,
) -> HttpResponse:
    return _page(
        request,
        door,
        query_of(departure),
        "accounts/door_trouble.html",
        {"again": "", **context},
        status=status,
    )


def _page(
    request: HttpRequest,
    door: Door,
    sign_in_query: SignInQuery,
    template: str,
    more: Mapping[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    door_href = reverse("accounts:door", args=[door.code]) + sign_in_query.query()
    context = {
        "door": door,
        "sign_in_query": sign_in_query,
        "door_name": door.portal_name,
        "action": door_href,
        "change_href": reverse("accounts:mire") + sign_in_query.query(changer="1"),
        **more,
    }
    return render(request, template, context, status=status)
