"""The page « accédez à vos applications »: shown, evaluated, refused in one sentence."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from ent.audit.origin import Origin
from guichet.authority.current import current_guichet
from guichet.authority.models import Guichet
from guichet.sign_in.attempts import Attempt, SignIn, attempt_sign_in
from guichet.sign_in.forms import EnterForm
from guichet.sign_in.opening import open_session
from signin import devices
from signin.destinations import forget_demand, keep_destination, take_destination
from signin.form_tickets.checks import NO_COOKIE, StaleTicketError, has_form_cookie, ticket_of
from signin.passwords.hashing import is_too_long
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from signin.realms import realm_policy
from signin.throttle.waits import say_wait

REFUSED = "Identification incorrecte."
_STALE = "La page était ouverte depuis trop longtemps\u00a0: recommencez, rien n’a été fait."
_BUSY = "Beaucoup de personnes se connectent en ce moment\u00a0: recommencez dans un instant."


def answer(request: HttpRequest, next_path: str, *, is_served_here: bool = False) -> HttpResponse:
    """Show the page, or evaluate what was typed into it."""
    guichet = current_guichet()
    if request.method != "POST":
        return show(request, guichet, EnterForm(guichet=guichet))
    return _evaluate(request, guichet, next_path, is_served_here=is_served_here)


@sensitive_post_parameters()
@sensitive_variables("form", "attempt")
def _evaluate(
    request: HttpRequest, guichet: Guichet, next_path: str, *, is_served_here: bool
) -> HttpResponse:
    form = EnterForm(request.POST, guichet=guichet)
    if is_too_long(request.POST.get("password", "")):
        return show(request, guichet, form, status=400)
    try:
        ticket = ticket_of(request)
        if not form.is_valid():
            return show(request, guichet, form)
        attempt = Attempt(
            uid=form.cleaned_data["username"],
            secret=form.secret,
            asked=form.asked,
            origin=Origin.of(request, door="guichet"),
            devices=devices.known_devices(request),
            ticket=ticket,
        )
        with sign_in_place():
            result = attempt_sign_in(attempt, guichet=guichet)
    except StaleTicketError:
        problem = _STALE if has_form_cookie(request) else NO_COOKIE
        return show(request, guichet, _again(request, guichet), problem=problem, status=403)
    except TooBusyError:
        page = show(request, guichet, _again(request, guichet), problem=_BUSY, status=503)
        page.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return page
    if not result.is_success:
        return _refuse(request, guichet, result)
    return _let_in(request, result, next_path, is_served_here=is_served_here)


def _let_in(
    request: HttpRequest, result: SignIn, next_path: str, *, is_served_here: bool
) -> HttpResponse:
    open_session(request, result)
    if next_path:
        keep_destination(request, next_path)
    address = address_after_step(request)
    if is_served_here and address == next_path:
        forget_demand(request)
    request.session.save()
    response = HttpResponseRedirect(address, status=303)
    if result.agent is not None and result.methods:
        devices.remember_device(request, response, principal=result.agent.uuid)
    return response


def address_after_step(request: HttpRequest) -> str:
    """Return the step that is due next, else what the sign-in was for."""
    step = realm_policy().pending_step(request)
    return reverse(step) if step is not None else take_destination(request)


def _refuse(request: HttpRequest, guichet: Guichet, result: SignIn) -> HttpResponse:
    """The same page for every reason (T-D)."""
    form = _again(request, guichet)
    if result.verdict is not None:
        return show(request, guichet, form, problem=REFUSED)
    page = show(
        request,
        guichet,
        form,
        problem=f"Trop d’essais\u00a0: attendez {say_wait(result.wait_seconds)} avant de"
        " recommencer.",
        status=429,
    )
    page.headers["Retry-After"] = str(result.wait_seconds)
    return page


def _again(request: HttpRequest, guichet: Guichet) -> EnterForm:
    """Only the identifier and the choice come back, as they were typed."""
    typed = {
        "username": request.POST.get("username", "")[:200],
        "methode": request.POST.get("methode") or None,
    }
    return EnterForm(initial={k: v for k, v in typed.items() if v}, guichet=guichet)


def show(
    request: HttpRequest,
    guichet: Guichet,
    form: EnterForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Draw the page."""
    context = {
        "form": form,
        "guichet": guichet,
        "problem": problem,
        "is_refusal": problem == REFUSED,
        "chosen": form["methode"].value() if not form.is_single else "",
    }
    return render(request, "guichet/enter.html", context, status=status)


def signed_out_page(request: HttpRequest) -> HttpResponse:
    """Say that it is done, and what is left to do on a shared computer."""
    response = render(request, "guichet/signed_out.html", {"again_href": reverse("guichet:enter")})
    response.headers["Clear-Site-Data"] = '"cache"'
    response.headers["Cache-Control"] = "no-store"
    if request.session.session_key is None:
        response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    return response
