"""`/cas/login`: a session becomes a ticket; without one, sign-in first (R-B8, R-G1).

The order is the protocol's and ours: an unregistered or closed service is refused before anything
is asked; forced steps come before a ticket; nothing else is ever put between. How somebody signs in
is the realm's (`sso.realms.SsoPolicy`).
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

from directory.schools.current import current_place
from signin.destinations import DESTINATION_KEY, SIGNED_IN_FOR_KEY, connected_page
from signin.enums import Method
from signin.form_ends import may_end_anywhere
from signin.form_tickets.checks import StaleTicketError, ticket_of
from signin.reachable import reachable_during_steps
from signin.sessions.methods import strength_address
from signin.sessions.recent_proof import is_recently_authenticated
from signin.sessions.store import note_visit
from sso.catalogue.access import AccessFacts, access_facts, decide, why_closed
from sso.catalogue.models import Service
from sso.enums import Refusal, RequiredStrength
from sso.protocol.refusals import refusal_context
from sso.protocol.returning import send_back
from sso.protocol.service_requests import ServiceRequest
from sso.protocol.warnings import note_wish, wants_warning
from sso.realms import SignOn, sso_policy
from sso.tickets.issuing import SignOnOver, issue

CONTINUE = "continuer"


@reachable_during_steps  # it leads to the step itself, and keeps where one was going
@login_not_required
@never_cache
@may_end_anywhere
@csrf_exempt  # the login ticket of `signin.form_tickets` stands in for it
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Refuse, ask, or give a ticket."""
    asked = ServiceRequest.of(request)
    if asked.is_unregistered:
        return render(request, "sso/unknown_service.html", status=403)
    if asked.service is not None:
        closed = why_closed(asked.service, timezone.localdate())
        if closed is not None:
            return _refuse(request, asked.service, closed)
    if asked.has_unknown_demand:
        return render(request, "sso/unknown_method.html", status=403)
    if request.method == "HEAD":  # whoever only looks gets no ticket, and uses nothing up
        return HttpResponse()
    if request.method == "POST":
        return _posted(request, asked)
    sign_on = sso_policy().sign_on_of(request)
    if sign_on is None:
        return _ask(request, asked)
    return _signed_in(request, asked, sign_on)


def _signed_in(request: HttpRequest, asked: ServiceRequest, sign_on: SignOn) -> HttpResponse:
    """Forced steps first, then renew, then the ticket; a gateway is led to no step."""
    note_visit(request)  # a visit of a service counts as one of ours (T-B3)
    facts = access_facts(sign_on.person)
    step = sso_policy().step_before_ticket(request, sign_on, facts)
    if step is not None:
        if asked.gateway and asked.address is not None:
            return send_back(request, asked.address)
        request.session[DESTINATION_KEY] = asked.own_path
        return HttpResponseRedirect(reverse(step), status=303)
    is_primary = _take_mark(request, asked)
    if asked.renew and not is_primary:
        return _ask(request, asked)
    return _answer(request, asked, sign_on, facts, is_primary=is_primary)


def _posted(request: HttpRequest, asked: ServiceRequest) -> HttpResponse:
    """The realm's form, or the button of the warning page.

    Whoever has just signed in for this request, with no step due, gets the ticket at once; without
    a service a page says that they are signed in (CAS 3.0.3, 2.2.4).
    """
    if CONTINUE in request.POST:
        return _continued(request, asked)
    before = sso_policy().sign_on_of(request)
    response = sso_policy().sign_in(request, asked.sign_in)
    sign_on = sso_policy().sign_on_of(request)
    is_new = sign_on is not None and (
        before is None or sign_on.authenticated_at != before.authenticated_at
    )
    if sign_on is None or not is_new:  # refused, or signed in before this form
        return response
    note_wish(request, request.POST)
    if response.headers.get("Location") != asked.own_path or asked.service is None:
        return response
    facts = access_facts(sign_on.person)
    answer = _answer(request, asked, sign_on, facts, is_primary=True)
    answer.cookies.update(response.cookies)
    return answer


def _continued(request: HttpRequest, asked: ServiceRequest) -> HttpResponse:
    """« Continuer » on the page of `warn`; a stale one is asked again."""
    again = HttpResponseRedirect(asked.own_path, status=303)
    sign_on = sso_policy().sign_on_of(request)
    if sign_on is None or asked.renew:
        return again
    facts = access_facts(sign_on.person)
    if sso_policy().step_before_ticket(request, sign_on, facts) is not None:
        return again
    try:
        ticket_of(request)
    except StaleTicketError:
        return again
    return _answer(request, asked, sign_on, facts, is_primary=False, is_warned=True)


def _ask(request: HttpRequest, asked: ServiceRequest) -> HttpResponse:
    """Nobody (or renew): back without ticket for a gateway, else the realm's sign-in."""
    if asked.gateway and asked.address is not None:
        return send_back(request, asked.address)
    return sso_policy().sign_in(request, asked.sign_in)


def _answer(
    request: HttpRequest,
    asked: ServiceRequest,
    sign_on: SignOn,
    facts: AccessFacts,
    *,
    is_primary: bool,
    is_warned: bool = False,
) -> HttpResponse:
    """Somebody is signed in, with every step done: a ticket, or why not."""
    service, address = asked.service, asked.address
    if service is None or address is None:
        return sso_policy().show_signed_in(request)
    decision = decide(service, facts, timezone.localdate())
    if decision.reason is not None:
        if asked.gateway:
            return send_back(request, address)
        return _refuse(request, service, decision.reason)
    for required in _required_methods(service, asked.demanded):
        if required not in sign_on.methods:
            return _ask_for_more(request, asked, required)
    note_wish(request, request.GET)
    if wants_warning(request) and not (is_primary or is_warned):
        if asked.gateway:
            return send_back(request, address)
        context = {"service": service, "asked": asked, "home_href": connected_page()}
        return render(request, "sso/warn.html", context)
    return _give(request, asked, sign_on, is_primary=is_primary)


def _required_methods(service: Service, demanded: Method | None) -> list[Method]:
    """Return what must have been proved: what the service requires, and what it asked for."""
    required = service.required_strength
    found = [] if required == RequiredStrength.NONE else [Method(required)]
    return [*found, demanded] if demanded is not None and demanded not in found else found


def _give(
    request: HttpRequest, asked: ServiceRequest, sign_on: SignOn, *, is_primary: bool
) -> HttpResponse:
    assert asked.service is not None and asked.address is not None  # noqa: S101
    try:
        ticket = issue(
            sign_on=sign_on, service=asked.service, address=asked.text, is_primary=is_primary
        )
    except SignOnOver:  # the next request finds nobody signed in, and asks
        return HttpResponseRedirect(asked.own_path, status=303)
    return send_back(
        request,
        asked.address,
        ticket=ticket,
        method=asked.method,
        parameter=asked.ticket_parameter,
    )


def _ask_for_more(request: HttpRequest, asked: ServiceRequest, required: Method) -> HttpResponse:
    """Lead to where the missing proof is given (R-C6); a gateway asks nothing of anybody."""
    if asked.gateway and asked.address is not None:
        return send_back(request, asked.address)
    address = strength_address(required=required, next_path=asked.own_path)
    return HttpResponseRedirect(address, status=303)


def _take_mark(request: HttpRequest, asked: ServiceRequest) -> bool:
    """Was this very request what somebody just signed in for? The mark serves once.

    One that was left behind this morning proves nothing of who is at the computer now.
    """
    if not asked.text or request.session.get(SIGNED_IN_FOR_KEY) != asked.own_path:
        return False
    del request.session[SIGNED_IN_FOR_KEY]
    return is_recently_authenticated(request)


def _refuse(request: HttpRequest, service: Service, reason: Refusal) -> HttpResponse:
    """Say why, and whom to ask (R-G2)."""
    sign_on = sso_policy().sign_on_of(request)
    person = sign_on.person if sign_on is not None else None
    context = refusal_context(service, reason, person, current_place(request))
    return render(request, "sso/refused.html", context, status=403)
