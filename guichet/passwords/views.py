"""The step « Choisissez votre mot de passe », and « Changer son mot de passe »."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof, needs_no_recent_proof
from ent.web.errors import unavailable
from guichet.agents.current import agent_of
from guichet.authority.current import current_guichet
from guichet.passwords.forms import ChangePasswordForm, NewPasswordForm
from guichet.passwords.services import OvertakenError, choose_password
from guichet.sign_in.attempts import Asked, Attempt, attempt_sign_in
from guichet.sign_in.opening import close_session
from guichet.sign_in.pages import address_after_step
from guichet.steps.pending import CHOOSE_PASSWORD, pending_step
from signin import devices
from signin.enums import Method
from signin.form_ends import may_end_anywhere
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from signin.sessions.methods import METHODS_KEY, has_strength, strength_address
from signin.sessions.recent_proof import note_proof
from signin.sessions.store import EPOCH_KEY, sign_on_of
from signin.throttle.waits import say_wait


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose_step(request: HttpRequest) -> HttpResponse:
    """Before anything else, after the code of a first sign-in."""
    if pending_step(request) != CHOOSE_PASSWORD:
        return HttpResponseRedirect(address_after_step(request))
    agent = agent_of(request)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, agent=agent)
    try:
        with sign_in_place():
            if form.is_bound and form.is_valid():
                _choose(request, form.cleaned_data["new_password"], mode="force")
                messages.success(request, "Votre mot de passe est enregistré.")
                return HttpResponseRedirect(address_after_step(request), status=303)
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    except OvertakenError:
        return _overtaken(request)
    return render(request, "guichet/choose_password.html", {"form": form, "agent": agent})


@needs_no_recent_proof
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """The current password, counted as at the page, then the new one twice."""
    agent = agent_of(request)
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, agent=agent)
    try:
        with sign_in_place():
            if form.is_bound and form.is_valid() and _is_current(request, form):
                _choose(request, form.cleaned_data["new_password"], mode="volontaire")
                messages.success(request, "Votre mot de passe est changé.")
                return HttpResponseRedirect(reverse("guichet:home"), status=303)
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    except OvertakenError:
        return _overtaken(request)
    return render(request, "guichet/change_password.html", {"form": form, "agent": agent})


@asks_for_recent_proof
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new_by_key(request: HttpRequest) -> HttpResponse:
    """A new password for who came with their key: what was forgotten is not asked."""
    if not has_strength(request, Method.KEY) or has_strength(request, Method.RESCUE):
        return HttpResponseRedirect(
            strength_address(required=Method.KEY, next_path=request.get_full_path())
        )
    agent = agent_of(request)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, agent=agent)
    try:
        with sign_in_place():
            if form.is_bound and form.is_valid():
                _choose(request, form.cleaned_data["new_password"], mode="cle")
                messages.success(request, "Votre mot de passe est enregistré.")
                return HttpResponseRedirect(reverse("guichet:home"), status=303)
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    except OvertakenError:
        return _overtaken(request)
    return render(request, "guichet/new_password.html", {"form": form, "agent": agent})


def _is_current(request: HttpRequest, form: ChangePasswordForm) -> bool:
    attempt = Attempt(
        uid=agent_of(request).uid,
        secret=form.cleaned_data["current_password"],
        asked=Asked.PASSWORD,
        origin=Origin.of(request, door="guichet"),
        devices=devices.known_devices(request),
    )
    result = attempt_sign_in(attempt, guichet=current_guichet())
    if result.is_success:
        return True
    words = "Ce n’est pas votre mot de passe actuel."
    if result.verdict is None:
        words = f"Trop d’essais\u00a0: attendez {say_wait(result.wait_seconds)}."
    form.add_error("current_password", words)
    return False


def _choose(request: HttpRequest, password: str, *, mode: str) -> None:
    """Set it; the session goes on with another epoch, another key and the password as proof."""
    agent = agent_of(request)
    keep = sign_on_of(request)
    origin = Origin.of(request)
    request.session[EPOCH_KEY] = choose_password(
        agent, password, keep=keep, origin=origin, mode=mode
    )
    proved = set(request.session.get(METHODS_KEY, ())) - {Method.CODE.value}
    request.session[METHODS_KEY] = sorted(proved | {Method.PASSWORD.value})
    note_proof(request)
    request.session.cycle_key()
    rotate_token(request)


def _overtaken(request: HttpRequest) -> HttpResponse:
    close_session(request)
    return render(request, "guichet/overtaken.html", {"guichet": current_guichet()}, status=409)
