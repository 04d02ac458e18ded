"""The second factor as its owner looks after it in « Mon compte » (R-B7)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.account.models import Account
from accounts.account.perms import may_install_second_factor, must_use_second_factor
from accounts.second_factor import services as second_factor
from accounts.second_factor import verification
from accounts.second_factor.forms import CodeForm
from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof
from signin.destinations import take_destination
from signin.second_factor.services import (
    SecondFactorCheck,
)
from signin.throttle.services import WaitError
from signin.throttle.waits import say_wait

WRONG_CODE = (
    "Ce code n’est pas, ou n’est plus, le bon. Attendez le suivant et retapez-le. S’ils sont tous "
    "refusés, l’heure de votre téléphone est peut-être fausse\u00a0: réglez-la sur automatique."
)


@sensitive_variables("form", "typed")
def check_code(request: HttpRequest, form: CodeForm) -> SecondFactorCheck:
    """Check what the form holds; on failure its field says so, the same for every reason."""
    if not form.is_valid():
        return SecondFactorCheck.NONE
    name, typed = form.typed()
    account = cast("Account", request.user)
    try:
        proof = second_factor.prove(account=account, typed=typed, origin=Origin.of(request))
    except WaitError as error:
        form.add_error(name, f"Trop d’essais\u00a0: attendez {say_wait(int(error.args[0]))}.")
        return SecondFactorCheck.NONE
    if not proof:
        form.add_error(name, WRONG_CODE)
    return proof


@sensitive_variables("codes")
def show_recovery_codes(
    request: HttpRequest, codes: list[str], *, is_new: bool, next_href: str
) -> HttpResponse:
    """The one page that shows recovery codes: the answer to the post, never again."""
    context = {
        "codes": codes,
        "is_new": is_new,
        "next_href": next_href,
    }
    return render(request, "accounts/recovery_codes.html", context)


@never_cache
@require_safe
def my_second_factor(request: HttpRequest) -> HttpResponse:
    """« Second facteur » in « Mon compte »: what is installed, codes left, what one may do."""
    account = cast("Account", request.user)
    if not may_install_second_factor(request):
        raise Http404
    authenticator = second_factor.authenticators_of(account).first()
    context = {
        "authenticator": authenticator,
        "codes_left": second_factor.recovery_codes_left(account),
        "is_forced": must_use_second_factor(request),
    }
    return render(request, "accounts/second_factor.html", context)


@never_cache
@sensitive_variables("codes")
@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Replace the recovery codes, on confirmation."""
    account = cast("Account", request.user)
    if not second_factor.has_authenticator(account):
        return redirect("accounts:second_factor")
    if request.method != "POST":
        return render(request, "accounts/recovery_codes_renew.html")
    codes = second_factor.renew_recovery_codes(account=account, origin=Origin.of(request))
    return show_recovery_codes(request, codes, is_new=False, next_href=take_destination(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
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
