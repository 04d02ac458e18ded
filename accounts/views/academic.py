"""Doors that lead elsewhere: leaving for the academy, coming back, being signed out by it.

Leaving is a POST with our own token: no page of somebody else makes a browser leave, so no ticket
of somebody else finds a mark to use (T-B4). It answers with a page that goes on by itself, because
a browser follows no redirect of a form to an address that our policy does not name.
"""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.backends import AcademicBackend
from accounts.destinations import connected_page
from accounts.doors import DoorError, breaker, way_of
from accounts.doors.again import has_proved, must_prove_again
from accounts.doors.cas import service_address
from accounts.doors.departures import (
    Departure,
    find_departure,
    note_departure,
    use_departure,
)
from accounts.enums import DoorFault, Method, RenewPolicy
from accounts.journey import Journey
from accounts.models import Account, Door
from accounts.services import academic, steps
from accounts.services.bindings import BindingRefusedError
from accounts.strength import DEMAND
from accounts.tickets import StaleTicketError, ticket_of
from accounts.views import academic_pages as pages
from ent.audit.origin import Origin
from ent.numbers import read_number

logger = logging.getLogger(__name__)

OTHER = "autre"
TRY = "essai"
_MOST_TRIES = 5
_LONGEST_LOGOUT_REQUEST = 16 * 1024


def show_academic_door(request: HttpRequest, door: Door, journey: Journey) -> HttpResponse:
    """Show the one button of an academic door, or leave."""
    method = request.GET.get(DEMAND, "")
    if method == Method.KEY and not door.cas.key_method:
        return pages.no_key(request, door, journey)
    if request.method != "POST":
        return pages.door(request, door, journey, resting_since=breaker.resting_since(door))
    try:
        ticket_of(request)
    except StaleTicketError:
        return pages.door(request, door, journey, is_stale=True, status=403)
    is_renewal = journey.renew or method in Method.values
    departure = Departure(
        door=door.code,
        renew=is_renewal
        or request.POST.get(OTHER) == "1"
        or must_prove_again(request)
        or door.cas.renew_policy == RenewPolicy.ALWAYS,
        method=method if method in Method.values else "",
        next_path=journey.next_path,
        school=journey.school.uai if journey.school is not None else "",
        confirms=_signed_in_as(request) if is_renewal else "",
    )
    note_departure(request, departure)
    return pages.leaving(request, door, way_of(door).start(door, departure.demand))


@login_not_required
@never_cache
@csrf_exempt  # the academy's own sign-out posts here; it can only end what its tickets opened
@require_http_methods(["GET", "HEAD", "POST"])
def door_return(request: HttpRequest, code: str) -> HttpResponse:
    """The one address by which an academy knows us: tickets come here, and sign-outs."""
    doors = Door.objects.select_related("authority", "cas")
    door = get_object_or_404(doors, code=code)
    if not door.has_server:
        raise Http404
    if request.method == "POST":
        return _sign_out_by_door(request, door)
    ticket = request.GET.get("ticket", "")
    departure = find_departure(request, door)
    if request.method == "HEAD":
        return HttpResponse()
    if not door.is_open:
        _use(request, departure)
        return pages.closed(request, door, departure)
    if not ticket:
        return pages.no_ticket(request, door, departure)
    if academic.has_opened(request, door, ticket):
        return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)
    if departure is None and not request.user.is_authenticated:
        return pages.unasked(request, door)
    if academic.was_used(door, ticket):
        return _say_trouble(request, door, DoorError(DoorFault.TICKET), departure)
    return _come_back(request, door, ticket, departure)


@sensitive_variables("ticket")
def _come_back(
    request: HttpRequest, door: Door, ticket: str, departure: Departure | None
) -> HttpResponse:
    """Validate first; only then does anything of the present session change."""
    asked = departure or Departure(door=door.code)
    backend = AcademicBackend(door, asked.demand)
    try:
        account = backend.authenticate(request, ticket, service_address(door))
    except DoorError as error:
        return _say_trouble(request, door, error, departure)
    except BindingRefusedError as error:
        _use(request, departure)
        return pages.refused(request, door, error, asked)
    _use(request, departure)
    is_other = request.user.is_authenticated and request.user.pk != account.pk
    if is_other and (departure is None or departure.confirms):
        return pages.somebody_else(request, door, account, asked)
    try:
        return _enter(request, door, account, backend, asked)
    except academic.TicketUsedError:
        return _say_trouble(request, door, DoorError(DoorFault.TICKET), departure)


def _enter(
    request: HttpRequest,
    door: Door,
    account: Account,
    backend: AcademicBackend,
    departure: Departure,
) -> HttpResponse:
    """Open the session, and go on to an address without ticket."""
    if backend.assertion is None:
        raise AssertionError("an account without an assertion")
    previous = academic.enter(request, account=account, door=door, assertion=backend.assertion)
    journey = pages.journey_of(departure)
    steps.keep_journey(request, school=journey.school, next_path=journey.next_path)
    if not backend.assertion.is_fresh:  # remembered over there: no service may take it for fresh
        request.session.pop(steps.SIGNED_IN_FOR_KEY, None)
    if previous is not None:
        request.session[pages.PREVIOUS_KEY] = previous.person.full_name
        address = reverse("accounts:changed_person")
    else:
        address = steps.address_after_sign_in(request)
    response = HttpResponseRedirect(address, status=303)
    has_proved(response)
    return response


def _say_trouble(
    request: HttpRequest, door: Door, error: DoorError, departure: Departure | None
) -> HttpResponse:
    """Say what is wrong, with a button that solves it; nothing is tried again behind one's back.

    The one exception has no effect over there: too many people come back at once, the ticket was
    not sent yet, and the page asks again by itself, five times at most.
    """
    if error.fault == DoorFault.BUSY:
        tries = request.GET.get(TRY, "1")
        number = read_number(tries, most=_MOST_TRIES) or _MOST_TRIES
        query = {"ticket": request.GET["ticket"], TRY: str(number + 1)}
        again = f"{request.path}?{urlencode(query)}" if number < _MOST_TRIES else ""
        return pages.busy(request, door, departure, again=again)
    if error.fault.is_server_unwell:
        logger.warning("door %s: %s", door.code, error.fault.value)
    _use(request, departure)
    return pages.trouble(request, door, error.fault, departure)


def _use(request: HttpRequest, departure: Departure | None) -> None:
    if departure is not None:
        use_departure(request, departure)


def _sign_out_by_door(request: HttpRequest, door: Door) -> HttpResponse:
    """204 whatever was sent: whoever posts here learns nothing, and touches nobody else (T-E7)."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if read_number(length, most=_LONGEST_LOGOUT_REQUEST) is not None:
        tickets = academic.tickets_to_end(request.POST.get("logoutRequest", ""))
        origin = Origin.of(request, door=door.code)
        academic.sign_out_by_door(door=door, tickets=tickets, origin=origin)
    return HttpResponse(status=204)


@never_cache
@require_safe
def changed_person(request: HttpRequest) -> HttpResponse:
    """Say who is signed in now: the academy named somebody else than this browser's session."""
    previous = request.session.pop(pages.PREVIOUS_KEY, "")
    if not previous:
        return HttpResponseRedirect(connected_page())
    return pages.changed_person(request, previous, steps.address_after_sign_in(request))


@login_not_required
@never_cache
@require_safe
def signing_out_there(request: HttpRequest, code: str) -> HttpResponse:
    """Our session is over; go on to the academy's own sign-out, which sends back to us (R-B9)."""
    door = get_object_or_404(Door.objects.select_related("authority", "cas"), code=code)
    if not door.has_server:
        raise Http404
    return pages.signing_out_there(request, door)


def _signed_in_as(request: HttpRequest) -> str:
    return str(request.user.uuid) if request.user.is_authenticated else ""
