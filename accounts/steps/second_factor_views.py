"""The forced steps of the second factor: giving its code, installing it (R-B7)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.account.models import Account
from accounts.account.perms import may_install_second_factor, must_use_second_factor
from accounts.second_factor import services as second_factor
from accounts.second_factor import verification
from accounts.second_factor.forms import CodeForm, EnrolForm
from accounts.second_factor.views import WRONG_CODE, check_code, show_recovery_codes
from accounts.steps import services as steps
from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from signin.form_ends import may_end_anywhere
from signin.second_factor.services import (
    AlreadyEnrolledError,
    SecondFactorCheck,
    WrongCodeError,
)
from signin.sessions.recent_proof import (
    is_recently_authenticated,
    recent_proof_address,
)
from signin.sessions.store import EPOCH_KEY, sign_on_of


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def prove_step(request: HttpRequest) -> HttpResponse:
    """« Code de votre application »: before anything else, at each sign-in."""
    if not verification.must_prove(request):
        return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        proof = check_code(request, form)
        if proof:
            verification.mark_verified(request)
            _say_after(request, proof)
            return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)
    return render(request, "accounts/second_factor_prove.html", {"form": form})


def _say_after(request: HttpRequest, proof: SecondFactorCheck) -> None:
    if proof is not SecondFactorCheck.RECOVERY:
        return
    left = second_factor.recovery_codes_left(cast("Account", request.user))
    messages.warning(
        request,
        f"Vous êtes entré avec un code de secours\u00a0: il vous en reste {left}. Si votre "
        "téléphone est perdu, installez votre second facteur sur un autre dans «\u00a0Mon "
        "compte\u00a0».",
    )


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@sensitive_variables("form", "proposal", "codes")
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_step(request: HttpRequest) -> HttpResponse:
    """Install an application: a forced step for who must, an offer for local accounts."""
    account = cast("Account", request.user)
    sign_on = sign_on_of(request)
    if sign_on is None or not may_install_second_factor(request):
        raise Http404
    if second_factor.has_authenticator(account):
        return _already(request)
    if not is_recently_authenticated(request):  # an open session that somebody else found
        return HttpResponseRedirect(recent_proof_address(request.get_full_path()), status=303)
    form = EnrolForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = _enrol(request, account, sign_on, form.cleaned_data["code"])
        except WrongCodeError:
            form.add_error("code", WRONG_CODE)
        except AlreadyEnrolledError:
            return _already(request)
        else:
            return show_recovery_codes(
                request, codes, is_new=True, next_href=steps.address_after_sign_in(request)
            )
    return _enrol_page(request, account, sign_on, form)


@sensitive_variables("code")
def _enrol(request: HttpRequest, account: Account, sign_on: UUID, code: str) -> list[str]:
    codes = second_factor.enrol(
        account=account,
        sign_on=sign_on,
        locked=request.POST.get("seed", ""),
        code=code,
        origin=Origin.of(request),
    )
    request.session[EPOCH_KEY] = account.epoch
    verification.mark_verified(request)
    return codes


@sensitive_variables("proposal", "context")
def _enrol_page(
    request: HttpRequest, account: Account, sign_on: UUID, form: EnrolForm
) -> HttpResponse:
    """The same seed again after a wrong code: the application has it already."""
    locked = request.POST.get("seed", "")
    proposal = second_factor.propose(account=account, sign_on=sign_on, locked=locked)
    context = {
        "form": form,
        "proposal": proposal,
        "qr": _qr(proposal.uri),
        "is_forced": must_use_second_factor(request),
    }
    return render(request, "accounts/second_factor_enrol.html", context)


def _already(request: HttpRequest) -> HttpResponse:
    """Another browser was first: here its code is asked."""
    if not verification.is_verified(request):
        request.session[verification.PROVE_KEY] = True
        return redirect("accounts:prove_second_factor")
    return redirect("accounts:second_factor")


def _qr(uri: str) -> SafeString:
    """Return the QR as SVG without style nor script, dark on light whatever the theme."""
    drawn = segno.make(uri, error="m").svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff"
    )
    return mark_safe(drawn)  # noqa: S308 - segno draws paths, nothing of the address is text in it
