"""Coming back from the other side of a door, and being signed out by it."""

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

from accounts.doors.base.departure import Departure
from accounts.doors.base.models import Door
from accounts.doors.base.protocol import DoorError, Return, SignOut
from accounts.doors.bindings.matching import BindingRefusedError
from accounts.doors.returns import pages
from accounts.doors.returns import services as returns
from accounts.doors.returns.departures import end_departures, find_departure, use_departure
from accounts.doors.returns.letting_in import let_in
from accounts.doors.returns.stored_returns import find_return, store_return, use_return
from accounts.enums import DoorFault
from accounts.steps import services as steps
from ent.audit.origin import Origin
from ent.text.numbers import read_number
from ent.web.errors import unavailable
from signin.destinations import connected_page

logger = logging.getLogger(__name__)

TRY = "essai"
STORED = "retour"
_MOST_TRIES = 5


@login_not_required
@never_cache
@csrf_exempt  # the other side posts here; a return still has to meet a departure of this browser
@require_http_methods(["GET", "HEAD", "POST"])
def door_return(request: HttpRequest, code: str) -> HttpResponse:
    """The one address by which the other side knows us: returns come here, and sign-outs."""
    door = get_object_or_404(Door.objects.all().with_servers(), code=code)
    if not door.has_server:
        raise Http404
    if request.method == "HEAD":  # whoever only looks uses nothing up
        return HttpResponse()
    if request.method == "GET" and (token := request.GET.get(STORED, "")):
        return _go_on(request, door, token)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if read_number(length, most=door.protocol.longest_post) is None:
        return HttpResponse(status=204)
    message = door.protocol.classify(request, door)
    if isinstance(message, SignOut):
        return _sign_out(request, door, message)
    if request.method == "POST":
        return HttpResponse(status=204) if message is None else _store(request, door, message)
    if message is None:
        return pages.no_answer(request, door, None)
    return _judge(request, door, message)


def _sign_out(request: HttpRequest, door: Door, message: SignOut) -> HttpResponse:
    """204 whatever was named: who asks learns nothing, and touches nobody else (T-E7)."""
    origin = Origin.of(request, door=door.code)
    returns.sign_out_by_door(door=door, sessions=message.sessions, origin=origin)
    return HttpResponse(status=204)


def _store(request: HttpRequest, door: Door, returned: Return) -> HttpResponse:
    """Keep the return, and go on by a GET of ours; no answer here may set a cookie."""
    try:
        token = store_return(door, returned, address=Origin.of(request).address or "")
    except DoorError:
        return unavailable(request, retry_after_seconds=pages.RETRY_SECONDS)
    return pages.going_on(request, door, f"{request.path}?{urlencode({STORED: token})}")


def _go_on(request: HttpRequest, door: Door, token: str) -> HttpResponse:
    returned = find_return(door, token)
    if returned is None:
        return pages.trouble(request, door, DoorFault.TICKET, None)
    response = _judge(request, door, returned)
    if "Retry-After" not in response.headers:  # the page of a busy door asks for it again
        use_return(token)
    return response


def _judge(request: HttpRequest, door: Door, returned: Return) -> HttpResponse:
    """Find the departure of a return, and say why it opens nothing or let it in."""
    departure = find_departure(request, door, returned)
    if not door.is_open:
        end_departures(request, door, returned)
        return pages.closed(request, door, departure)
    if not returned.values:
        end_departures(request, door, returned)
        return pages.no_answer(request, door, departure)
    if returned.answer and returns.has_opened(request, door, returned.answer):
        return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)
    is_anonymous = not request.user.is_authenticated
    if departure is None and (is_anonymous or returned.nonce is not None):
        return pages.unasked(request, door)
    if returned.answer and returns.was_used(door, returned.answer):
        return _say_trouble(request, door, DoorError(DoorFault.TICKET), returned, departure)
    return _come_back(request, door, returned, departure)


@sensitive_variables("returned")
def _come_back(
    request: HttpRequest, door: Door, returned: Return, departure: Departure | None
) -> HttpResponse:
    """Validate first; only then does anything of the present session change."""
    left = departure or Departure(door=door.code)
    try:
        account, said = returns.identify(request, door, returned, departure)
    except DoorError as error:
        return _say_trouble(request, door, error, returned, departure)
    except BindingRefusedError as error:
        end_departures(request, door, returned)
        return pages.refused(request, door, error, left)
    is_other = request.user.is_authenticated and request.user.pk != account.pk
    if is_other and (departure is None or departure.confirms):
        end_departures(request, door, returned)
        return pages.somebody_else(request, door, account, left)
    if departure is not None:
        use_departure(request, departure)
    try:
        return let_in(request, door, account, said, left)
    except returns.AnswerUsedError:
        return _say_trouble(request, door, DoorError(DoorFault.TICKET), returned, departure)


def _say_trouble(
    request: HttpRequest,
    door: Door,
    error: DoorError,
    returned: Return,
    departure: Departure | None,
) -> HttpResponse:
    """Say what is wrong, with a button that solves it; nothing is tried again behind one's back.

    The one exception has no effect over there: too many people come back at once, the answer was
    not sent yet, and the page asks again by itself, five times at most.
    """
    if error.fault == DoorFault.BUSY:
        return pages.busy(request, door, departure, again=_again(request))
    if error.fault.is_server_unwell:
        logger.warning("door %s: %s", door.code, error.fault.value)
    end_departures(request, door, returned)
    return pages.trouble(request, door, error.fault, departure)


def _again(request: HttpRequest) -> str:
    """Return the same address with the number of the next try, "" after the last one."""
    number = read_number(request.GET.get(TRY, "1"), most=_MOST_TRIES) or _MOST_TRIES
    if number >= _MOST_TRIES:
        return ""
    query = request.GET.copy()
    query[TRY] = str(number + 1)
    return f"{request.path}?{query.urlencode()}"


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
    """Our session is over; go on to the other side's sign-out, which sends back to us (R-B9)."""
    door = get_object_or_404(Door.objects.all().with_servers(), code=code)
    if not door.has_server:
        raise Http404
    if not (address := pages.sign_out_address(door)):
        return HttpResponseRedirect(reverse("accounts:signed_out"))
    return pages.signing_out_there(request, door, address)
