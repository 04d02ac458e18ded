"""« Ma clé »: serial, state, last use; another PIN; lost."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof, needs_no_recent_proof
from ent.web.errors import unavailable
from guichet.agents.current import agent_of
from guichet.assistance.perms import is_helpdesk
from guichet.authority.current import current_guichet
from guichet.enums import KeyState
from guichet.keys.models import OtpKey
from guichet.keys.passcodes import bare, read_passcode
from guichet.keys.pins import faults_of_pin
from guichet.my_key.forms import ChangePinForm
from guichet.my_key.services import NoKey, change_pin, key_in_service, report_lost
from guichet.sign_in.attempts import Asked, Attempt, attempt_sign_in
from guichet.sign_in.opening import close_session
from signin import devices
from signin.enums import Method
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What somebody who came without a service finds: their key, their password, the way out."""
    is_desk = is_helpdesk(agent_of(request), current_guichet().authority)
    return render(request, "guichet/home.html", {"is_helpdesk": is_desk})


@never_cache
@require_safe
def my_key(request: HttpRequest) -> HttpResponse:
    """What one's keys are."""
    keys = OtpKey.objects.filter(holder=agent_of(request)).exclude(state=KeyState.TO_RECOVER)
    context = {"keys": list(keys.order_by("-assigned_at", "-pk")[:5]), "guichet": current_guichet()}
    return render(request, "guichet/my_key.html", context)


@needs_no_recent_proof
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_pin_page(request: HttpRequest) -> HttpResponse:
    """The present passcode, checked as at the page, then another PIN."""
    agent, guichet = agent_of(request), current_guichet()
    key = key_in_service(agent)
    if key is None or not key.has_pin:
        return HttpResponseRedirect(reverse("guichet:my_key"))
    form = ChangePinForm(request.POST if request.method == "POST" else None)
    try:
        with sign_in_place():
            if form.is_bound and form.is_valid() and _is_good(request, form, key):
                pin = bare(form.cleaned_data["pin"])
                change_pin(agent, pin, origin=Origin.of(request))
                messages.success(request, "Votre code PIN est changé.")
                return HttpResponseRedirect(reverse("guichet:my_key"), status=303)
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    except NoKey:
        return HttpResponseRedirect(reverse("guichet:my_key"), status=303)
    return render(request, "guichet/change_pin.html", {"form": form, "guichet": guichet})


def _is_good(request: HttpRequest, form: ChangePinForm, key: OtpKey) -> bool:
    """The new PIN first, which costs nothing; then the passcode, which burns its code."""
    agent, guichet = agent_of(request), current_guichet()
    typed = form.cleaned_data["passcode"]
    last = read_passcode(typed, digits=key.digits).code
    pin = bare(form.cleaned_data["pin"])
    for fault in faults_of_pin(
        pin, digits=guichet.pin_digits, agent=agent, key=key, last_code=last
    ):
        form.add_error("pin", fault)
    if form.errors:
        return False
    attempt = Attempt(
        uid=agent.uid,
        secret=typed,
        asked=Asked.KEY,
        origin=Origin.of(request, door="guichet"),
        devices=devices.known_devices(request),
    )
    result = attempt_sign_in(attempt, guichet=guichet)
    if result.is_success and result.methods == {Method.KEY}:
        return True
    form.add_error("passcode", "Passcode refusé\u00a0: attendez que le code change.")
    return False


@asks_for_recent_proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_lost_page(request: HttpRequest) -> HttpResponse:
    """« J'ai perdu ma clé »: it opens nothing any more, at once."""
    guichet = current_guichet()
    if request.method == "POST":
        try:
            report_lost(agent_of(request), guichet=guichet, origin=Origin.of(request))
        except NoKey:
            return HttpResponseRedirect(reverse("guichet:my_key"), status=303)
        close_session(request)
        return render(request, "guichet/lost_reported.html", {"guichet": guichet})
    return render(request, "guichet/report_lost.html", {"guichet": guichet})
