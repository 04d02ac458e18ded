"""The page of one door: a local form, an academic button, or why it is closed (R-B4)."""

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

from accounts.account.logins import normalise_login
from accounts.doors.base.models import Door
from accounts.doors.base.standard import find_door
from accounts.doors.elsewhere import answer_door_elsewhere, show_door_elsewhere
from accounts.enums import SignInOutcome
from accounts.local.forms import SignInForm
from accounts.local.sign_in import (
    Attempt,
    SignIn,
    attempt_sign_in,
    open_or_go_on,
    write_success,
)
from accounts.sign_in.already import answer_late_form
from accounts.sign_in.query import SignInQuery
from accounts.sign_in.typed import typed_login
from accounts.steps import services as steps
from ent.audit.origin import Origin
from ent.text.typed import looks_like_address
from signin import devices
from signin.destinations import forget_demand
from signin.form_ends import may_end_anywhere
from signin.form_tickets.checks import (
    NO_COOKIE,
    StaleTicketError,
    has_form_cookie,
    ticket_of,
)
from signin.passwords.hashing import is_too_long
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from signin.throttle.waits import say_wait
from sso.protocol.warnings import is_for_services, note_wish

_REFUSED = "Identifiant ou mot de passe incorrect."
_BUSY = "Beaucoup de personnes se connectent en ce moment\u00a0: recommencez dans un instant."
_STALE = "La page était ouverte depuis trop longtemps\u00a0: recommencez, rien n’a été fait."
_SENT_BEFORE = "Ce formulaire avait déjà été envoyé\u00a0: recommencez."
_NOT_ABOUT_THE_ACCOUNT = (_STALE, _SENT_BEFORE, _BUSY, NO_COOKIE)


class _Refusal(Protocol):
    def __call__(
        self, request: HttpRequest, door: Door, sign_in_query: SignInQuery
    ) -> HttpResponse: ...


@login_not_required
@never_cache
@may_end_anywhere
@csrf_exempt  # the login ticket of `signin.form_tickets` stands in for it
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, code: str) -> HttpResponse:
    """Show one door by its own address, or evaluate what was typed there."""
    sign_in_query = SignInQuery.of(request)
    if request.method == "POST":
        return _evaluate(request, code, sign_in_query)
    return _show(request, find_door(code), sign_in_query)


def show_door(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> HttpResponse:
    """Show this door on another page's address, or evaluate what was typed into its form."""
    if request.method == "POST" and door.asks_for_password:
        return _evaluate(request, door.code, sign_in_query)
    if door.leads_elsewhere:
        return answer_door_elsewhere(request, door, sign_in_query)
    return _show(request, door, sign_in_query)


def _show(request: HttpRequest, door: Door | None, sign_in_query: SignInQuery) -> HttpResponse:
    if door is None:
        raise Http404("no such door")
    if door.leads_elsewhere:
        return show_door_elsewhere(request, door, sign_in_query)
    if not door.asks_for_password:
        return _page(request, door, sign_in_query, "accounts/door_elsewhere.html")
    return _form_page(request, door, sign_in_query, SignInForm())


@sensitive_post_parameters()
@sensitive_variables("form", "attempt")
def _evaluate(request: HttpRequest, code: str, sign_in_query: SignInQuery) -> HttpResponse:
    """Evaluate a try. Its first statement reads the door; a refusal before it reads it here."""
    form = SignInForm(request.POST)
    refuse: _Refusal = partial(_form_page, form=form)
    is_oversized = is_too_long(request.POST.get("password", ""))
    if is_oversized:
        refuse = partial(_form_page, form=form, status=400)
    try:
        ticket = None if is_oversized else ticket_of(request)
        if not is_oversized and form.is_valid():
            attempt = Attempt(
                login=form.cleaned_data["username"],
                secret=form.cleaned_data["password"],
                origin=Origin.of(request, door=code),
                devices=devices.known_devices(request),
                ticket=ticket,
            )
            with sign_in_place():
                return _try(request, sign_in_query, attempt)
    except StaleTicketError:
        refuse = _say_stale
    except TooBusyError:
        refuse = _say_busy
    door = find_door(code)
    if door is not None and door.asks_for_password:
        return refuse(request, door, sign_in_query)
    return _show(request, door, sign_in_query)


@sensitive_variables("attempt")
def _try(request: HttpRequest, sign_in_query: SignInQuery, attempt: Attempt) -> HttpResponse:
    result = attempt_sign_in(attempt)
    if result.account is None:
        return _refuse(request, sign_in_query, result)
    opening = open_or_go_on(request, result=result)
    note_wish(request, request.POST)
    steps.keep_query(request, school=sign_in_query.school, next_path=sign_in_query.next_path)
    address = steps.address_after_sign_in(request, is_bound=opening.is_bound)
    if sign_in_query.is_served_here and address == sign_in_query.next_path:
        forget_demand(request)
    response = HttpResponseRedirect(address, status=303)
    devices.remember_device(request, response, principal=result.account.uuid)
    # Last: an answer that fails opens nothing, and the journal does not say that somebody came in.
    write_success(request, result=result, opening=opening)
    return response


def _refuse(request: HttpRequest, sign_in_query: SignInQuery, result: SignIn) -> HttpResponse:
    """The same page for every reason: unknown, wrong, not activated, blocked, academic (T-A1)."""
    door = result.door
    if door is None or result.outcome == SignInOutcome.ELSEWHERE:
        return _show(request, door, sign_in_query)
    if result.outcome == SignInOutcome.STALE:
        return _say_stale(request, door, sign_in_query, problem=_SENT_BEFORE)
    form = SignInForm(initial=typed_login(request))
    if result.outcome == SignInOutcome.REFUSED:
        return _form_page(request, door, sign_in_query, form, problem=_REFUSED)
    response = _form_page(
        request,
        door,
        sign_in_query,
        form,
        problem=f"Trop d’essais\u00a0: attendez {say_wait(result.wait_seconds)} avant de"
        " recommencer.",
        status=429,
    )
    response.headers["Retry-After"] = str(result.wait_seconds)
    return response


def _say_stale(
    request: HttpRequest, door: Door, sign_in_query: SignInQuery, *, problem: str = _STALE
) -> HttpResponse:
    """403: the form is of another browser, of before a sign-in, or was refused already.

    Whoever is signed in and sends the form of before goes on.
    """
    login = normalise_login(request.POST.get("username", ""))
    if answer := answer_late_form(request, sign_in_query, login=login):
        return answer
    if not has_form_cookie(request):
        problem = NO_COOKIE
    form = SignInForm(initial=typed_login(request))
    return _form_page(request, door, sign_in_query, form, problem=problem, status=403)


def _say_busy(request: HttpRequest, door: Door, sign_in_query: SignInQuery) -> HttpResponse:
    """503: no place was free, or no hash slot for seconds; the form stays at hand."""
    form = SignInForm(initial=typed_login(request))
    response = _form_page(request, door, sign_in_query, form, problem=_BUSY, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _form_page(
    request: HttpRequest,
    door: Door,
    sign_in_query: SignInQuery,
    form: SignInForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page is the same for every account (T-A1): only the login comes back, as it was typed.

    Whom to call is the school one comes from, never that of the account. Advice about what was
    typed follows a refusal only, not a page that was merely too old.
    """
    more = {
        "form": form,
        "problem": problem,
        "is_refusal": problem == _REFUSED,
        "is_address": looks_like_address(typed_login(request)["username"]),
        "names_school": bool(problem) and problem not in _NOT_ABOUT_THE_ACCOUNT,
        "query": sign_in_query.query(),
        "offers_warning": is_for_services(sign_in_query.next_path or request.path),
        # A higher room owns these pages; settings name them.
        "forgotten_password_href": settings.FORGOTTEN_PASSWORD_URL,
        "forgotten_login_href": settings.FORGOTTEN_LOGIN_URL,
    }
    return _page(request, door, sign_in_query, "accounts/door.html", more, status=status)


def _page(
    request: HttpRequest,
    door: Door,
    sign_in_query: SignInQuery,
    template: str,
    more: dict[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    change_href = reverse("accounts:mire") + sign_in_query.query(changer="1")
    context = {
        "door": door,
        "sign_in_query": sign_in_query,
        "change_href": change_href,
        **(more or {}),
    }
    return render(request, template, context, status=status)
