"""The pages that come before everything else: second code, PIN, password, key."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from ent.web.errors import unavailable
from guichet.agents.current import agent_of
from guichet.agents.models import AcademicCredential
from guichet.authority.current import current_guichet
from guichet.enums import Verdict
from guichet.keys.models import OtpKey
from guichet.keys.passcodes import bare
from guichet.keys.pins import faults_of_pin
from guichet.keys.seeds import clock_of
from guichet.sign_in.forms import PinForm, SecondCodeForm
from guichet.sign_in.marks import FIRST_USE_KEY, FirstUse
from guichet.sign_in.opening import add_key, close_session
from guichet.sign_in.pages import address_after_step
from guichet.steps.first_use import OvertakenError, check_second_code, choose_first_pin
from signin.form_ends import may_end_anywhere
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place

_SECOND_REFUSED = {
    Verdict.REPLAYED: "Ce code a déjà servi\u00a0: attendez que la clé en affiche un nouveau.",
}
_WRONG = "Code refusé\u00a0: attendez que le code change, puis tapez le nouveau."


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def second_code(request: HttpRequest) -> HttpResponse:
    """A second, later code: whoever found an unopened envelope has no key to read it from."""
    mark = FirstUse.of(request)
    if mark is None or mark.is_second_code_given:
        return HttpResponseRedirect(address_after_step(request))
    form = SecondCodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            verdict, after = check_second_code(
                mark, form.cleaned_data["code"], agent=agent_of(request)
            )
        except OvertakenError:
            return _overtaken(request)
        if verdict == Verdict.OPENED:
            request.session[FIRST_USE_KEY] = after.as_json()
            return HttpResponseRedirect(address_after_step(request), status=303)
        if verdict == Verdict.DISABLED or not _key_of(mark, agent_of(request)).awaits_first_use:
            return _overtaken(request)
        form = SecondCodeForm()
        form.problem = _SECOND_REFUSED.get(verdict, _WRONG)  # type: ignore[attr-defined]
    context = {"form": form, "problem": getattr(form, "problem", ""), "guichet": current_guichet()}
    return render(request, "guichet/second_code.html", context)


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose_pin(request: HttpRequest) -> HttpResponse:
    """The PIN, twice; then the key is in service and the sign-in goes on."""
    mark = FirstUse.of(request)
    if mark is None or not mark.is_second_code_given:
        return HttpResponseRedirect(address_after_step(request))
    guichet, agent = current_guichet(), agent_of(request)
    form = PinForm(request.POST if request.method == "POST" else None)
    try:
        with sign_in_place():
            if (
                form.is_bound
                and form.is_valid()
                and _is_good(form, mark, agent, guichet.pin_digits)
            ):
                pin = bare(form.cleaned_data["pin"])
                choose_first_pin(mark, pin, agent=agent, origin=Origin.of(request))
                request.session.pop(FIRST_USE_KEY, None)
                add_key(request)
                messages.success(
                    request, "Votre code PIN est enregistré\u00a0: la clé est en service."
                )
                return HttpResponseRedirect(address_after_step(request), status=303)
    except OvertakenError:
        return _overtaken(request)
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    return render(request, "guichet/choose_pin.html", {"form": form, "guichet": guichet})


def _is_good(form: PinForm, mark: FirstUse, agent: AcademicCredential, digits: int) -> bool:
    key = _key_of(mark, agent)
    last = clock_of(key, authority=agent.authority.uuid).code(mark.second_step)
    pin = bare(form.cleaned_data["pin"])
    for fault in faults_of_pin(pin, digits=digits, agent=agent, key=key, last_code=last):
        form.add_error("pin", fault)
    return not form.errors


def _key_of(mark: FirstUse, agent: AcademicCredential) -> OtpKey:
    key = OtpKey.objects.filter(uuid=mark.key, holder=agent).first()
    if key is None:
        raise OvertakenError
    return key


def _overtaken(request: HttpRequest) -> HttpResponse:
    """The key is no longer waiting for its first use: this sign-in ends."""
    close_session(request)
    return render(request, "guichet/overtaken.html", {"guichet": current_guichet()}, status=409)
