"""The mailed link, and « Réinitialisation du mot de passe » behind it (R-E5, R-E7)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.local.forms import NewPasswordForm
from accounts.models import Account
from accounts.sign_in.opening import note_sign_in, open_session
from accounts.steps import services as steps
from credentials.enums import LinkPurpose
from credentials.links.models import PasswordLink
from credentials.links.services import LinkRefusedError, find_link, redeem_link
from credentials.perms import may_enter_by_link
from ent.audit.origin import Origin
from ent.web.errors import unavailable
from signin.enums import Method
from signin.mailed_links import forget_token, swap_into_cookie, swapped_token
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place

_LINK_COOKIE = "preau_lien_mot_de_passe"


@login_not_required
@never_cache
@sensitive_variables("token")
@require_safe
def password_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the token out of the address; nothing is looked up, nothing is used (T-C4, T-C6)."""
    to = reverse("credentials:new-password")
    return swap_into_cookie(request, name=_LINK_COOKIE, token=token, to=to)


@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Show whose account it is and the rules, then set the password once."""
    token_hash = swapped_token(request, name=_LINK_COOKIE)
    try:
        link = find_link(token_hash=token_hash)
        form = NewPasswordForm(account=link.account)
        if request.method == "POST":
            with sign_in_place():
                form = NewPasswordForm(request.POST, account=link.account)
                if form.is_valid():
                    return _redeem(request, token_hash, form.cleaned_data["new_password"])
    except LinkRefusedError as refused:
        if request.method == "POST" and refused.was_just_used:
            return _sent_twice(request)
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
    if may_enter_by_link(account):
        response = _enter(request, account)
    else:
        request.session.flush()
        messages.success(request, "Votre mot de passe est enregistré. Connectez-vous avec lui.")
        response = redirect("accounts:mire")
    forget_token(request, response, name=_LINK_COOKIE)
    return response


def _enter(request: HttpRequest, account: Account) -> HttpResponse:
    """Open the session that the link and the new password have earned; forced steps come first."""
    note_sign_in(account=account, door_code="")
    open_session(request, account=account, door_code="", methods=[Method.PASSWORD])
    steps.keep_query(request, school=account.person.main_school, next_path="")
    messages.success(request, "Votre mot de passe est enregistré.")
    return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)


def _sent_twice(request: HttpRequest) -> HttpResponse:
    """Lead where the first of two clicks has led: in, or to the sign-in when its answer is lost."""
    messages.success(request, "Le mot de passe est enregistré. Connectez-vous avec lui.")
    response = HttpResponseRedirect(settings.LOGIN_REDIRECT_URL, status=303)
    forget_token(request, response, name=_LINK_COOKIE)
    return response


def _refused(request: HttpRequest, refused: LinkRefusedError) -> HttpResponse:
    """Say why it opens nothing, and what to do next."""
    context = {"state": refused.state}
    response = render(request, "credentials/link_refused.html", context, status=410)
    forget_token(request, response, name=_LINK_COOKIE)
    return response
