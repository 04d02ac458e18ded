"""The mailed link, and « Réinitialisation du mot de passe » behind it (R-E5, R-E7)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Method
from accounts.forms import NewPasswordForm
from accounts.gate import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from accounts.models import Account
from accounts.one_time import forget_token, swap_into_session, swapped_token
from accounts.services import steps
from accounts.services.sign_in import note_sign_in, open_session
from credentials.enums import LinkPurpose
from credentials.models import PasswordLink
from credentials.perms import may_enter_by_link
from credentials.services.links import LinkRefusedError, find_link, redeem_link
from ent.audit.origin import Origin
from ent.errors import unavailable

_TOKEN_KEY = "password_link"  # noqa: S105 - the name of a key


@login_not_required
@never_cache
@sensitive_variables("token")
@require_safe
def password_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the token out of the address; nothing is looked up, nothing is used (T-C4, T-C6)."""
    to = reverse("credentials:new-password")
    return swap_into_session(request, key=_TOKEN_KEY, token=token, to=to)


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Show whose account it is and the rules, then set the password once."""
    token_hash = swapped_token(request, key=_TOKEN_KEY)
    try:
        link = find_link(token_hash=token_hash)
        form = NewPasswordForm(account=link.account)
        if request.method == "POST":
            with sign_in_place():
                form = NewPasswordForm(request.POST, account=link.account)
                if form.is_valid():
                    return _redeem(request, token_hash, form.cleaned_data["new_password"])
    except LinkRefusedError as refused:
        return _refused(request, refused)
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    return render(request, "credentials/new_password.html", _context(form, link))


def _context(form: NewPasswordForm, link: PasswordLink) -> dict[str, object]:
    return {
        "form": form,
        "person": link.account.person,
        "login": link.account.login,
        "is_first": link.purpose == LinkPurpose.FIRST_PASSWORD,
    }


@sensitive_variables("password")
def _redeem(request: HttpRequest, token_hash: bytes, password: str) -> HttpResponse:
    account = redeem_link(token_hash=token_hash, password=password, origin=Origin.of(request))
    forget_token(request, key=_TOKEN_KEY)
    if not may_enter_by_link(account):
        request.session.flush()
        messages.success(request, "Votre mot de passe est enregistré. Connectez-vous avec lui.")
        return redirect("accounts:mire")
    return _enter(request, account)


def _enter(request: HttpRequest, account: Account) -> HttpResponse:
    """Open the session that the link and the new password have earned; forced steps come first."""
    note_sign_in(account=account, door_code="")
    open_session(request, account=account, door_code="", methods=[Method.PASSWORD])
    steps.keep_journey(request, school=account.person.main_school, next_path="")
    messages.success(request, "Votre mot de passe est enregistré.")
    return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)


def _refused(request: HttpRequest, refused: LinkRefusedError) -> HttpResponse:
    """Say why it opens nothing, and what to do next."""
    forget_token(request, key=_TOKEN_KEY)
    context = {"state": refused.state}
    return render(request, "credentials/link_refused.html", context, status=410)
