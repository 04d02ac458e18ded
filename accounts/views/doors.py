"""One door: the form of a local one, the button of an academic one, else an honest page (R-B4)."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import devices
from accounts.durations import say_wait
from accounts.enums import SignInOutcome
from accounts.forms import DoorForm
from accounts.gate import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from accounts.journey import Journey
from accounts.models import Door
from accounts.services import secrets, steps
from accounts.services.doors import find_door
from accounts.services.sign_in import Attempt, SignIn, attempt_sign_in, open_or_go_on
from accounts.tickets import StaleTicketError, ticket_of
from accounts.views.academic import show_academic_door
from ent.audit.origin import Origin

_REFUSED = "Identifiant ou mot de passe incorrect."
_BUSY = "Beaucoup de personnes se connectent en ce moment\u00a0: recommencez dans un instant."
_STALE = "La page était ouverte depuis trop longtemps\u00a0: recommencez, rien n’a été fait."


class _Refusal(Protocol):
    def __call__(self, request: HttpRequest, door: Door, journey: Journey) -> HttpResponse: ...


@login_not_required
@never_cache
@csrf_exempt  # the login ticket of `accounts.tickets` stands in for it
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, code: str) -> HttpResponse:
    """Show one door by its own address, or evaluate what was typed there."""
    journey = Journey.of(request)
    if request.method == "POST":
        return _evaluate(request, code, journey)
    return _show(request, find_door(code), journey)


def show_door(request: HttpRequest, door: Door, journey: Journey) -> HttpResponse:
    """Show this door on another page's address, or evaluate what was typed into its form."""
    if request.method == "POST" and door.asks_for_password:
        return _evaluate(request, door.code, journey)
    return _show(request, door, journey)


def _show(request: HttpRequest, door: Door | None, journey: Journey) -> HttpResponse:
    if door is None:
        raise Http404("no such door")
    if door.leads_elsewhere:
        return show_academic_door(request, door, journey)
    if not door.asks_for_password:
        return _page(request, door, journey, "accounts/door_elsewhere.html")
    return _form_page(request, door, journey, DoorForm())


@sensitive_post_parameters()
@sensitive_variables("form", "attempt")
def _evaluate(request: HttpRequest, code: str, journey: Journey) -> HttpResponse:
    """Evaluate a try: its statement reads the door, too, and only a refusal before it does."""
    form = DoorForm(request.POST)
    refuse: _Refusal = partial(_form_page, form=form)
    is_too_long = secrets.is_too_long(request.POST.get("password", ""))
    if is_too_long:
        refuse = partial(_form_page, form=form, status=400)
    try:
        ticket = None if is_too_long else ticket_of(request)
        if not is_too_long and form.is_valid():
            attempt = Attempt(
                login=form.cleaned_data["username"],
                secret=form.cleaned_data["password"],
                origin=Origin.of(request, door=code),
                devices=devices.known_devices(request),
                ticket=ticket,
            )
            with sign_in_place():
                return _try(request, journey, attempt)
    except StaleTicketError:
        refuse = _say_stale
    except TooBusyError:
        refuse = _say_busy
    door = find_door(code)
    if door is not None and door.asks_for_password:
        return refuse(request, door, journey)
    return _show(request, door, journey)


@sensitive_variables("attempt")
def _try(request: HttpRequest, journey: Journey, attempt: Attempt) -> HttpResponse:
    result = attempt_sign_in(attempt)
    if result.account is None:
        return _refuse(request, journey, result)
    is_bound = open_or_go_on(request, result=result)
    steps.keep_journey(request, school=journey.school, next_path=journey.next_path)
    address = steps.address_after_sign_in(request, is_bound=is_bound)
    response = HttpResponseRedirect(address, status=303)
    devices.remember_device(request, response, account_uuid=result.account.uuid)
    return response


def _refuse(request: HttpRequest, journey: Journey, result: SignIn) -> HttpResponse:
    """The same page for every reason: unknown, wrong, not activated, blocked, academic (T-A1)."""
    door = result.door
    if door is None or result.outcome == SignInOutcome.ELSEWHERE:
        return _show(request, door, journey)
    if result.outcome == SignInOutcome.STALE:
        return _say_stale(request, door, journey)
    if result.outcome == SignInOutcome.REFUSED:
        return _form_page(request, door, journey, DoorForm(), problem=_REFUSED)
    response = _form_page(
        request,
        door,
        journey,
        DoorForm(),
        problem=f"Trop d’essais\u00a0: attendez {say_wait(result.wait_seconds)} avant de"
        " recommencer.",
        status=429,
    )
    response.headers["Retry-After"] = str(result.wait_seconds)
    return response


def _say_stale(request: HttpRequest, door: Door, journey: Journey) -> HttpResponse:
    """403: the form is of another browser, of before a sign-in, or was sent already."""
    return _form_page(request, door, journey, DoorForm(), problem=_STALE, status=403)


def _say_busy(request: HttpRequest, door: Door, journey: Journey) -> HttpResponse:
    """503: no place was free, or no hash slot for seconds; the form stays at hand."""
    response = _form_page(request, door, journey, DoorForm(), problem=_BUSY, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _form_page(
    request: HttpRequest,
    door: Door,
    journey: Journey,
    form: DoorForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Nothing that was typed comes back: the page is the same for every login (T-A1).

    Advice about what was typed follows a refusal only, not a page that was merely too old.
    """
    more = {
        "form": form,
        "problem": problem,
        "is_refusal": problem == _REFUSED,
        "query": journey.query(),
        # A higher room owns these pages; settings name them.
        "forgotten_password_href": settings.FORGOTTEN_PASSWORD_URL,
        "forgotten_login_href": settings.FORGOTTEN_LOGIN_URL,
    }
    return _page(request, door, journey, "accounts/door.html", more, status=status)


def _page(
    request: HttpRequest,
    door: Door,
    journey: Journey,
    template: str,
    more: dict[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    change_href = reverse("accounts:mire") + journey.query(changer="1")
    context = {"door": door, "journey": journey, "change_href": change_href, **(more or {})}
    return render(request, template, context, status=status)
