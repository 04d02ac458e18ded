"""Leaving for the other side of a door.

Leaving is a POST with our own token: no page of somebody else makes a browser leave, so no ticket
of somebody else finds a departure to use (T-B4). It answers with a page that goes on by itself,
because a browser follows no redirect of a form to an address that our policy does not name.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from accounts.doors.base import breaker
from accounts.doors.base.departure import Departure
from accounts.doors.base.models import Door
from accounts.doors.returns import pages
from accounts.doors.returns.departures import note_departure
from accounts.doors.returns.renewal import must_prove_again
from accounts.sign_in.already import answer_late_form
from accounts.sign_in.query import SignInQuery
from signin.enums import Method
from signin.form_tickets.checks import (
    NO_COOKIE,
    StaleTicketError,
    has_form_cookie,
    ticket_of,
)
from signin.sessions.methods import DEMAND
from sso.protocol.warnings import with_wish

OTHER = "autre"
_STALE = "La page était ouverte depuis trop longtemps\u00a0: rien n’a été fait."


def show_button(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> HttpResponse:
    """Show the one button of a door that leads elsewhere, or leave."""
    if request.method != "POST":
        return pages.door(request, door, sign_in_query, resting_since=breaker.resting_since(door))
    try:
        ticket_of(request)
    except StaleTicketError:
        if answer := answer_late_form(request, sign_in_query):
            return answer
        stale = _STALE if has_form_cookie(request) else NO_COOKIE
        return pages.door(request, door, sign_in_query, stale=stale, status=403)
    return leave(request, door, sign_in_query)


def leaves_at_once(request: HttpRequest, door: Door) -> bool:
    """Does the choice of this door, just made and sent, lead there without a second button?

    The button stays where it says something more: after a sign-out (the academy will ask again),
    when the server does not answer, and for whoever is signed in.
    """
    return (
        door.leads_elsewhere
        and not door.protocol.asks_for_secret
        and not must_prove_again(request)
        and not request.user.is_authenticated
        and breaker.resting_since(door) is None
    )


def leave(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> HttpResponse:
    """Note the departure, and go. The caller has checked the token of the form that was sent."""
    departure = departure_for(request, door, sign_in_query)
    start = door.protocol.start(door, departure)
    note_departure(request, replace(departure, state=start.state))
    return pages.leaving(request, door, start.address)


def departure_for(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> Departure:
    """Return the departure of this sign-in, or of this proof asked again."""
    method = request.GET.get(DEMAND, "")
    is_renewal = sign_in_query.renew or method in Method.values
    return Departure(
        door=door.code,
        renew=is_renewal
        or request.POST.get(OTHER) == "1"
        or must_prove_again(request)
        or door.renews_always,
        method=method if method in Method.values else "",
        next_path=with_wish(sign_in_query.next_path, request.POST),
        school=sign_in_query.school.uai if sign_in_query.school is not None else "",
        confirms=_signed_in_as(request) if is_renewal else "",
    )


def _signed_in_as(request: HttpRequest) -> str:
    return str(request.user.uuid) if request.user.is_authenticated else ""
