"""`/cas/login`: a session becomes a ticket; without one, sign-in first (R-B8, R-G1).

The order is the protocol's and ours: an unregistered or closed service is refused before anything
is asked; forced steps come before a ticket; nothing else is ever put between.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.destinations import connected_page
from accounts.enums import Method
from accounts.journey import Journey
from accounts.models import Door
from accounts.reachable import reachable_during_steps
from accounts.services.confirmation import is_recently_authenticated
from accounts.services.steps import DESTINATION_KEY, SIGNED_IN_FOR_KEY, pending_step
from accounts.sessions import DOOR_KEY, note_visit
from accounts.strength import demand_address, has_strength
from accounts.tickets import StaleTicketError, ticket_of
from accounts.views.doors import show_door
from sso.access import Facts, decide, facts_of, why_closed
from sso.demands import Demand
from sso.enums import Refusal, RequiredStrength
from sso.models import Service
from sso.principals import Principal, principal_of
from sso.refusals import refusal_context
from sso.returning import send_back
from sso.tickets import SignOnOver, issue

WARN_KEY = "sso_warn"
CONTINUE = "continuer"


@reachable_during_steps  # it leads to the step itself, and keeps where one was going
@login_not_required
@never_cache
@csrf_exempt  # the login ticket of `accounts.tickets` stands in for it
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Refuse, ask, or give a ticket."""
    demand = Demand.of(request)
    if demand.is_unregistered:
        return render(request, "sso/unknown_service.html", status=403)
    if demand.service is not None:
        closed = why_closed(demand.service, timezone.localdate())
        if closed is not None:
            return _refuse(request, demand.service, closed)
    if request.method == "HEAD":  # whoever only looks gets no ticket, and uses nothing up
        return HttpResponse()
    if request.method == "POST":
        return _posted(request, demand)
    principal = principal_of(request)
    if principal is None:
        return _ask(request, demand)
    return _signed_in(request, demand, principal)


def _signed_in(request: HttpRequest, demand: Demand, principal: Principal) -> HttpResponse:
    """Forced steps first, then renew, then the ticket; a gateway is led to no step."""
    note_visit(request)  # a visit of a service counts as one of ours (T-B3)
    facts = facts_of(principal.person, timezone.localdate())
    is_bound = request.user.is_staff or facts.must_use_second_factor
    if (step := pending_step(request, is_bound=is_bound)) is not None:
        if demand.gateway and demand.address is not None:
            return send_back(request, demand.address)
        request.session[DESTINATION_KEY] = demand.own_path
        return HttpResponseRedirect(reverse(step), status=303)
    is_primary = _take_mark(request, demand)
    if demand.renew and not is_primary:
        return _ask(request, demand)
    return _answer(request, demand, principal, is_primary=is_primary, facts=facts)


def _posted(request: HttpRequest, demand: Demand) -> HttpResponse:
    """A door's form, the button of the warning page, or nothing that we know."""
    if CONTINUE in request.POST:
        return _continued(request, demand)
    door = Door.objects.filter(code=demand.door_code).first()
    if door is None:
        return HttpResponseRedirect(_mire_address(demand), status=303)
    response = show_door(request, door, _journey(demand))
    if demand.service is None or response.headers.get("Location") != demand.own_path:
        return response
    _take_mark(request, demand)
    request.session.save()  # a ticket is tied to the session's row
    if (principal := principal_of(request)) is None:
        return response
    answer = _answer(request, demand, principal, is_primary=True)
    answer.cookies.update(response.cookies)
    return answer


def _continued(request: HttpRequest, demand: Demand) -> HttpResponse:
    """« Continuer » on the page of `warn`; a stale one is asked again."""
    principal = principal_of(request)
    is_ready = principal is not None and pending_step(request) is None and not demand.renew
    if principal is None or not is_ready:
        return HttpResponseRedirect(demand.own_path, status=303)
    try:
        ticket_of(request)
    except StaleTicketError:
        return HttpResponseRedirect(demand.own_path, status=303)
    return _answer(request, demand, principal, is_primary=False, is_warned=True)


def _ask(request: HttpRequest, demand: Demand) -> HttpResponse:
    """Nobody (or renew): back without ticket for a gateway, else the door, else the mire."""
    if demand.gateway and demand.address is not None:
        return send_back(request, demand.address)
    code = demand.door_code or str(request.session.get(DOOR_KEY, ""))
    door = Door.objects.filter(code=code).first() if code else None
    if door is None:
        return HttpResponseRedirect(_mire_address(demand))
    if demand.door_code:
        return show_door(request, door, _journey(demand))
    if door.asks_for_password:
        return HttpResponseRedirect(f"{demand.own_path}&guichet={door.code}")
    address = reverse("accounts:door", args=[door.code]) + _journey(demand).query()
    return HttpResponseRedirect(address)


def _answer(
    request: HttpRequest,
    demand: Demand,
    principal: Principal,
    *,
    is_primary: bool,
    is_warned: bool = False,
    facts: Facts | None = None,
) -> HttpResponse:
    """Somebody is signed in, with every step done: a ticket, or why not."""
    service, address = demand.service, demand.address
    if service is None or address is None:
        return render(
            request, "accounts/already_signed_in.html", {"continue_href": connected_page()}
        )
    today = timezone.localdate()
    decision = decide(service, facts or facts_of(principal.person, today), today)
    if decision.reason is not None:
        if demand.gateway:
            return send_back(request, address)
        return _refuse(request, service, decision.reason)
    if not _is_strong_enough(request, service):
        return _ask_for_more(request, demand, service)
    if _wants_warning(request, demand) and not (is_primary or is_warned):
        context = {"service": service, "demand": demand, "home_href": connected_page()}
        return render(request, "sso/warn.html", context)
    return _give(request, demand, principal, is_primary=is_primary)


def _give(
    request: HttpRequest, demand: Demand, principal: Principal, *, is_primary: bool
) -> HttpResponse:
    assert demand.service is not None and demand.address is not None  # noqa: S101
    try:
        ticket = issue(
            principal=principal, service=demand.service, address=demand.text, is_primary=is_primary
        )
    except SignOnOver:
        return HttpResponseRedirect(_mire_address(demand), status=303)
    return send_back(
        request,
        demand.address,
        ticket=ticket,
        method=demand.method,
        parameter=demand.ticket_parameter,
    )


def _is_strong_enough(request: HttpRequest, service: Service) -> bool:
    required = service.required_strength
    return required == RequiredStrength.NONE or has_strength(request, Method(required))


def _ask_for_more(request: HttpRequest, demand: Demand, service: Service) -> HttpResponse:
    """Lead to where the missing proof is given (R-C6); a gateway asks nothing of anybody."""
    if demand.gateway and demand.address is not None:
        return send_back(request, demand.address)
    required = Method(service.required_strength)
    address = demand_address(request, required=required, next_path=demand.own_path)
    return HttpResponseRedirect(address, status=303)


def _wants_warning(request: HttpRequest, demand: Demand) -> bool:
    """« warn »: from then on this session opens no further service in silence."""
    if demand.warn and not request.session.get(WARN_KEY):
        request.session[WARN_KEY] = True
    return bool(request.session.get(WARN_KEY))


def _take_mark(request: HttpRequest, demand: Demand) -> bool:
    """Was this very demand what somebody just signed in for? The mark serves once.

    One that was left behind this morning proves nothing of who is at the computer now.
    """
    if not demand.text or request.session.get(SIGNED_IN_FOR_KEY) != demand.own_path:
        return False
    del request.session[SIGNED_IN_FOR_KEY]
    return is_recently_authenticated(request)


def _refuse(request: HttpRequest, service: Service, reason: Refusal) -> HttpResponse:
    """Say why, and whom to ask (R-G2)."""
    principal = principal_of(request)
    person = principal.person if principal is not None else None
    context = refusal_context(service, reason, person)
    return render(request, "sso/refused.html", context, status=403)


def _journey(demand: Demand) -> Journey:
    """The sign-in comes from the service's school, and goes on with the same demand."""
    school = demand.service.school if demand.service is not None else None
    next_path = demand.own_path if demand.text else ""
    return Journey(school=school, next_path=next_path, renew=demand.renew)


def _mire_address(demand: Demand) -> str:
    journey = _journey(demand)
    query = journey.query(changer="1") if demand.renew else journey.query()
    return reverse("accounts:mire") + query
