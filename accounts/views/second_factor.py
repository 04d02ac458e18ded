"""The second factor: given at sign-in, installed, looked after in « Mon compte » (R-B7)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.durations import say_wait
from accounts.forms import CodeForm, EnrolForm
from accounts.models import Account, Authenticator
from accounts.perms import may_install_second_factor, must_use_second_factor
from accounts.services import second_factor, steps, verification
from accounts.services.confirmation import (
    confirmation_address,
    is_recently_authenticated,
    require_recent_authentication,
)
from accounts.services.second_factor import AlreadyEnrolledError, Proof, WrongCodeError
from accounts.sessions import sign_on_of
from accounts.throttle import WaitError
from ent.audit.origin import Origin

WRONG_CODE = "Ce code n’est pas, ou n’est plus, le bon. Attendez le suivant et retapez-le."


@never_cache
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


@sensitive_variables("form", "typed")
def check_code(request: HttpRequest, form: CodeForm) -> Proof:
    """Check what the form holds; on failure its field says so, the same for every reason."""
    if not form.is_valid():
        return Proof.NONE
    name, typed = form.typed()
    account = cast("Account", request.user)
    try:
        proof = second_factor.prove(account=account, typed=typed, origin=Origin.of(request))
    except WaitError as error:
        form.add_error(name, f"Trop d’essais\u00a0: attendez {say_wait(int(error.args[0]))}.")
        return Proof.NONE
    if not proof:
        form.add_error(name, WRONG_CODE)
    return proof


def _say_after(request: HttpRequest, proof: Proof) -> None:
    if proof is not Proof.RECOVERY:
        return
    left = Authenticator.objects.get(user=cast("Account", request.user).pk).recovery_codes.count()
    messages.warning(
        request,
        f"Vous êtes entré avec un code de secours\u00a0: il vous en reste {left}. Si votre "
        "téléphone est perdu, installez votre second facteur sur un autre dans «\u00a0Mon "
        "compte\u00a0».",
    )


@never_cache
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
        return HttpResponseRedirect(confirmation_address(request.get_full_path()), status=303)
    form = EnrolForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = _enrol(request, account, sign_on, form.cleaned_data["code"])
        except WrongCodeError:
            form.add_error("code", WRONG_CODE)
        except AlreadyEnrolledError:
            return _already(request)
        else:
            return _show_codes(request, codes, is_new=True)
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
    request.session[HASH_SESSION_KEY] = account.get_session_auth_hash()
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


@sensitive_variables("codes")
def _show_codes(request: HttpRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    """The one page that shows recovery codes: the answer to the post, never again."""
    context = {
        "codes": codes,
        "is_new": is_new,
        "next_href": steps.address_after_sign_in(request),
    }
    return render(request, "accounts/recovery_codes.html", context)


@never_cache
@require_safe
def my_second_factor(request: HttpRequest) -> HttpResponse:
    """« Second facteur » in « Mon compte »: what is installed, codes left, what one may do."""
    account = cast("Account", request.user)
    if not may_install_second_factor(request):
        raise Http404
    authenticator = Authenticator.objects.filter(user=account).first()
    context = {
        "authenticator": authenticator,
        "codes_left": authenticator.recovery_codes.count() if authenticator else 0,
        "is_forced": must_use_second_factor(request),
    }
    return render(request, "accounts/second_factor.html", context)


@never_cache
@sensitive_variables("codes")
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_authentication
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Replace the recovery codes, on confirmation."""
    account = cast("Account", request.user)
    if not second_factor.has_authenticator(account):
        return redirect("accounts:second_factor")
    if request.method != "POST":
        return render(request, "accounts/recovery_codes_renew.html")
    codes = second_factor.renew_recovery_codes(account=account, origin=Origin.of(request))
    return _show_codes(request, codes, is_new=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_authentication
def remove(request: HttpRequest) -> HttpResponse:
    """Take one's own application away, on confirmation; who must have one installs another."""
    account = cast("Account", request.user)
    if not second_factor.has_authenticator(account):
        return redirect("accounts:second_factor")
    if request.method != "POST":
        context = {"is_forced": must_use_second_factor(request)}
        return render(request, "accounts/second_factor_remove.html", context)
    second_factor.remove(account=account, origin=Origin.of(request))
    verification.forget_verification(request)
    messages.success(request, "Votre second facteur est retiré.")
    return redirect("accounts:second_factor")
