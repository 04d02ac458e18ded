"""Where somebody who is signed in proves the key, or proves again who they are (R-C6, R-B9)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from ent.web.errors import unavailable
from guichet.agents.current import agent_of
from guichet.authority.current import current_guichet
from guichet.enums import Verdict
from guichet.sign_in.attempts import Asked, Attempt, SignIn, attempt_sign_in
from guichet.sign_in.forms import PasscodeForm, PasswordForm
from guichet.sign_in.opening import open_session
from guichet.sign_in.pages import REFUSED, address_after_step
from guichet.steps.pending import PROVE_KEY, pending_step
from signin import devices
from signin.destinations import DESTINATION_KEY, SIGNED_IN_FOR_KEY, connected_page, safe_path
from signin.enums import Method
from signin.form_ends import may_end_anywhere
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from signin.sessions.methods import DEMAND, has_strength
from signin.throttle.waits import say_wait


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def prove_key(request: HttpRequest) -> HttpResponse:
    """The step of whoever must have the key: nothing opens before."""
    if pending_step(request) != PROVE_KEY:
        return HttpResponseRedirect(address_after_step(request))
    return _ask(request, Method.KEY, next_path="", is_required=True)


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Asked by a service, or before an act that gives power over others."""
    next_path = safe_path(request.GET.get("next", "")) or connected_page()
    named = request.GET.get(DEMAND, "")
    is_strength = named in Method.values
    method = Method(named) if is_strength else Method.KEY
    if not is_strength and not has_strength(request, Method.KEY):
        method = Method.PASSWORD
    if method not in {Method.KEY, Method.PASSWORD}:
        return render(request, "guichet/strength_missing.html", status=403)
    return _ask(request, method, next_path=next_path, is_required=is_strength)


def _ask(
    request: HttpRequest, method: Method, *, next_path: str, is_required: bool
) -> HttpResponse:
    form_class = PasscodeForm if method == Method.KEY else PasswordForm
    form = form_class(request.POST if request.method == "POST" else None)
    problem, status = "", 200
    if form.is_bound and form.is_valid():
        try:
            with sign_in_place():
                result = _try(request, form.cleaned_data, method)
        except TooBusyError:
            return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
        if result.is_success and (result.verdict == Verdict.FIRST_USE or method in result.methods):
            return _go_on(request, result, next_path)
        problem = REFUSED
        if result.verdict is None:
            problem = f"Trop d’essais\u00a0: attendez {say_wait(result.wait_seconds)}."
            status = 429
        form = form_class()
    context = {
        "form": form,
        "problem": problem,
        "is_refusal": problem == REFUSED,
        "asks_key": method == Method.KEY,
        "is_required": is_required,
        "guichet": current_guichet(),
    }
    return render(request, "guichet/confirm.html", context, status=status)


def _try(request: HttpRequest, typed: dict[str, str], method: Method) -> SignIn:
    """Evaluate it as at the page: counted, and every half of it."""
    agent = agent_of(request)
    is_key = method == Method.KEY
    attempt = Attempt(
        uid=agent.uid,
        secret=typed["passcode" if is_key else "password"],
        asked=Asked.KEY if is_key else Asked.PASSWORD,
        origin=Origin.of(request, door="guichet"),
        devices=devices.known_devices(request),
    )
    return attempt_sign_in(attempt, guichet=current_guichet())


def _go_on(request: HttpRequest, result: SignIn, next_path: str) -> HttpResponse:
    """The session goes on under another key; what was asked for follows, after any step."""
    kept = next_path or str(request.session.get(DESTINATION_KEY, ""))
    open_session(request, result)
    if kept:
        request.session[DESTINATION_KEY] = request.session[SIGNED_IN_FOR_KEY] = kept
    step = pending_step(request)
    if step is None and next_path:
        request.session.pop(DESTINATION_KEY, None)
        return HttpResponseRedirect(next_path, status=303)
    address = reverse(step) if step is not None else address_after_step(request)
    return HttpResponseRedirect(address, status=303)
