"""« Mon compte »: who I am here, my password."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.account.models import Account
from accounts.account.perms import must_use_second_factor
from accounts.confirmation.password_field import is_proved
from accounts.confirmation.services import ProofKind, next_proof
from accounts.doors.kinds import renewal_address, session_door
from accounts.enums import AccountKind
from accounts.local.forms import ChangePasswordForm, PasswordConfirmationForm
from accounts.local.passwords import AlreadyChosenError, change_password
from accounts.my_account.overview import describe_account
from accounts.second_factor import verification
from accounts.second_factor.forms import CodeForm
from accounts.second_factor.views import check_code
from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from ent.web.errors import unavailable
from signin.destinations import connected_page, safe_path
from signin.form_ends import may_end_anywhere
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place


@never_cache
@require_safe
def my_account(request: HttpRequest) -> HttpResponse:
    """Identity, login, roles, door; the way to one's password."""
    account = cast("Account", request.user)
    context = {
        "overview": describe_account(account),
        "offers_second_factor": account.kind == AccountKind.LOCAL
        or must_use_second_factor(request),
    }
    return render(request, "accounts/profile.html", context)


@needs_no_recent_proof
@never_cache
@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password_page(request: HttpRequest) -> HttpResponse:
    """« Changer mon mot de passe »: the current one, then the new one twice."""
    account = cast("Account", request.user)
    if account.kind != AccountKind.LOCAL:
        return redirect("accounts:profile")
    form = ChangePasswordForm(None, account=account)
    if request.method == "POST":
        form = ChangePasswordForm(request.POST, account=account)
        try:
            with sign_in_place():
                if is_proved(request, form, "current_password") and form.is_valid():
                    return _change(request, account, form)
        except TooBusyError:
            return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    return render(request, "accounts/change_password.html", {"form": form, "login": account.login})


def _change(request: HttpRequest, account: Account, form: ChangePasswordForm) -> HttpResponse:
    try:
        change_password(
            request=request,
            account=account,
            password=form.cleaned_data["new_password"],
            origin=Origin.of(request),
        )
    except AlreadyChosenError:
        request.session.flush()
        return render(request, "accounts/already_chosen.html", status=409)
    messages.success(
        request,
        "Votre mot de passe est changé. Vos autres sessions sont fermées.",
    )
    return redirect("accounts:profile")


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_password_page(request: HttpRequest) -> HttpResponse:
    """Ask again who it is before an act of power: the code if any, then password or academy."""
    back = safe_path(request.GET.get("next", "")) or connected_page()
    asked = next_proof(request)
    if asked is ProofKind.CODE:
        return _confirm_by_code(request)
    if asked is ProofKind.ACADEMY:
        return _confirm_at_the_academy(request, back)
    form = PasswordConfirmationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            with sign_in_place():
                is_right = is_proved(request, form, "password")
        except TooBusyError:
            return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
        if is_right:
            verification.note_first_factor(request)
            return HttpResponseRedirect(back, status=303)
    context = {"form": form, "home_href": connected_page()}
    return render(request, "accounts/confirm_password.html", context)


def _confirm_at_the_academy(request: HttpRequest, back: str) -> HttpResponse:
    """The academy is asked anew by its door; without a door the page says what to do."""
    if address := renewal_address(request, back):
        return HttpResponseRedirect(address, status=303)
    context = {"home_href": connected_page(), "is_closed": session_door(request) is not None}
    return render(request, "accounts/confirm_elsewhere.html", context)


@sensitive_variables("form")
def _confirm_by_code(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and check_code(request, form):
        verification.mark_verified(request)
        return HttpResponseRedirect(request.get_full_path(), status=303)
    context = {"form": form, "home_href": connected_page()}
    return render(request, "accounts/confirm_code.html", context)
