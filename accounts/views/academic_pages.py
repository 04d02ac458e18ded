"""The pages of an academic door: each says what happened, and has the button that solves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.destinations import connected_page
from accounts.doors import breaker, way_of
from accounts.doors.departures import Departure
from accounts.enums import BindingRefusal, DoorFault, Method
from accounts.journey import Journey
from accounts.models import Account, Door
from accounts.services.bindings import BindingRefusedError
from accounts.strength import DEMAND

PREVIOUS_KEY = "previous_name"
RETRY_SECONDS = 2
_TITLES = {
    DoorFault.TICKET: "Cette connexion n’est plus valable",
    DoorFault.SERVICE: "Le portail de l’académie ne reconnaît pas l’ENT",
    DoorFault.RENEW: "Votre identification n’a pas été refaite",
    DoorFault.METHOD: "La clé de sécurité n’a pas été utilisée",
    DoorFault.SUBJECT: "Le portail de l’académie n’a pas dit qui vous êtes",
}
_UNAVAILABLE = "Le portail de l’académie ne répond pas"


def journey_of(departure: Departure | None) -> Journey:
    """Return what the sign-in was for, judged anew."""
    if departure is None:
        return Journey()
    return Journey.named(school=departure.school, next_path=departure.next_path)


def door(
    request: HttpRequest,
    door: Door,
    journey: Journey,
    *,
    resting_since: datetime | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    """One button, and the way back to the choice of profile."""
    context = {
        "resting_since": resting_since,
        "is_stale": is_stale,
        "is_renewal": journey.renew and request.user.is_authenticated,
        "asks_for_key": request.GET.get(DEMAND) == Method.KEY,
        "home_href": connected_page(),
        "action": request.get_full_path(),
    }
    return _page(request, door, journey, "accounts/academic_door.html", context, status=status)


def no_key(request: HttpRequest, door: Door, journey: Journey) -> HttpResponse:
    """The academy of this session has no key that we could ask for."""
    context = {
        "required": Method.KEY,
        "comes_from_academy": True,
        "home_href": connected_page(),
    }
    return _page(request, door, journey, "accounts/strength_missing.html", context, status=403)


def leaving(request: HttpRequest, door: Door, address: str) -> HttpResponse:
    """Go on by itself to the academy; a link for whoever stays."""
    response = _page(request, door, Journey(), "accounts/leaving.html", {"address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response


def no_ticket(request: HttpRequest, door: Door, departure: Departure | None) -> HttpResponse:
    """Somebody came back without having signed in there, or opened the address by hand."""
    if request.user.is_authenticated:
        context = {"continue_href": connected_page()}
        return render(request, "accounts/already_signed_in.html", context)
    context = {"title": "Vous n’êtes pas connecté", "case": "no_ticket"}
    return _trouble_page(request, door, departure, context, status=200)


def unasked(request: HttpRequest, door: Door) -> HttpResponse:
    """A ticket that this browser did not leave for: an old page, or somebody else's."""
    context = {"title": "Reprenez la connexion ici", "case": "unasked"}
    return _trouble_page(request, door, None, context, status=403)


def closed(request: HttpRequest, door: Door, departure: Departure | None) -> HttpResponse:
    """The door was closed while somebody was at the academy; who is signed in here stays so."""
    if request.user.is_authenticated:
        context = {"continue_href": connected_page()}
        return render(request, "accounts/already_signed_in.html", context)
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
        "title": _UNAVAILABLE if is_away else _TITLES[fault],
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
        "leave_href": way_of(door).sign_out(door, _signed_out_address()),
    }
    journey = journey_of(departure)
    return _page(request, door, journey, "accounts/binding_refused.html", context, status=403)


def somebody_else(
    request: HttpRequest, door: Door, account: Account, departure: Departure
) -> HttpResponse:
    """The academy names somebody else than the session here, and nobody asked to change."""
    context = {
        "named": account.person.full_name,
        "continue_href": connected_page(),
        "is_confirmation": bool(departure.confirms),
    }
    journey = journey_of(departure)
    return _page(request, door, journey, "accounts/somebody_else.html", context, status=409)


def changed_person(request: HttpRequest, previous: str, continue_href: str) -> HttpResponse:
    """Who is signed in now, and whose session was closed."""
    context = {"previous": previous, "continue_href": continue_href}
    return render(request, "accounts/changed_person.html", context)


def signing_out_there(request: HttpRequest, door: Door) -> HttpResponse:
    """Our sign-out is done; the academy's follows by itself, unless it does not answer."""
    address = way_of(door).sign_out(door, _signed_out_address())
    is_resting = breaker.resting_since(door) is not None
    context = {"address": address, "is_resting": is_resting}
    response = _page(request, door, Journey(), "accounts/signing_out_there.html", context)
    if door.is_open and not is_resting:  # nobody is led by itself to what may exist no more
        response.headers["Refresh"] = f"0; url={address}"
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _signed_out_address() -> str:
    return str(settings.PUBLIC_BASE_URL) + reverse("accounts:signed_out")


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
        journey_of(departure),
        "accounts/door_trouble.html",
        {"again": "", **context},
        status=status,
    )


def _page(
    request: HttpRequest,
    door: Door,
    journey: Journey,
    template: str,
    more: Mapping[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    door_href = reverse("accounts:door", args=[door.code]) + journey.query()
    context = {
        "door": door,
        "journey": journey,
        "door_name": door.portal_name,
        "action": door_href,
        "change_href": reverse("accounts:mire") + journey.query(changer="1"),
        **more,
    }
    return render(request, template, context, status=status)
