"""The notification address: changed with one's password, confirmed by the mail's link (T-C8)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.confirmation.password_field import is_proved
from accounts.models import Account
from ent.audit.origin import Origin
from ent.web.acts import asks_for_recent_proof
from ent.web.errors import unavailable
from messaging.addresses.forms import AddressForm
from messaging.addresses.known import addresses_of
from messaging.addresses.services import (
    ConfirmationRefusedError,
    TooManyMailsError,
    ask_change,
    confirm_change,
    find_confirmation,
    remove_address,
)
from signin.mailed_links import forget_token, swap_into_cookie, swapped_token
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place

_LINK_COOKIE = "preau_lien_adresse"
_TOO_MANY = "Trois courriels ont déjà été envoyés depuis une heure\u00a0: attendez avant d’essayer."


@never_cache
@sensitive_post_parameters("current_password")
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
@asks_for_recent_proof
def change_address(request: HttpRequest) -> HttpResponse:
    """Ask for the new address, which also serves recovery, and for the current password.

    A recent proof is asked before: where there is a second factor, the password alone changes
    nothing.
    """
    account = cast("Account", request.user)
    form = AddressForm(request.POST if request.method == "POST" else None, account=account)
    if request.method == "POST":
        try:
            with sign_in_place():
                is_allowed = _is_allowed(request, form)
        except TooBusyError:
            return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
        if is_allowed:
            return _ask(request, account, form)
    known = addresses_of([account.person_id])[account.person_id]
    return render(request, "messaging/change_address.html", {"form": form, "known": known})


def _is_allowed(request: HttpRequest, form: AddressForm) -> bool:
    """The form holds, and the password (asked of a local account) is the right one."""
    if "current_password" not in form.fields:
        return form.is_valid()
    return form.is_valid() and is_proved(request, form, "current_password")


def _ask(request: HttpRequest, account: Account, form: AddressForm) -> HttpResponse:
    try:
        ask_change(account=account, email=form.cleaned_data["email"], origin=Origin.of(request))
    except TooManyMailsError:
        messages.warning(request, _TOO_MANY)
        return redirect("messaging:preferences")
    messages.success(
        request,
        "Un courriel vient de partir à la nouvelle adresse\u00a0: suivez son lien pour la "
        "confirmer, dans les 24\u00a0heures. D’ici là, rien ne change.",
    )
    return redirect("messaging:preferences")


@never_cache
@asks_for_recent_proof
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """Take the address back, after a page that says what it means."""
    account = cast("Account", request.user)
    known = addresses_of([account.person_id])[account.person_id]
    if not known.chosen:
        return redirect("messaging:preferences")
    if request.method == "POST":
        remove_address(account=account, origin=Origin.of(request))
        messages.success(request, "L’adresse est retirée.")
        return redirect("messaging:preferences")
    return render(request, "messaging/remove_address.html", {"known": known})


@login_not_required
@never_cache
@sensitive_variables("token")
@require_safe
def address_link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the token out of the address; nothing is looked up, nothing is used (T-C4, T-C6)."""
    to = reverse("messaging:confirm-address")
    return swap_into_cookie(request, name=_LINK_COOKIE, token=token, to=to)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest) -> HttpResponse:
    """One button: the mail may be read on a phone where nobody is signed in.

    The page names the address and not the account: a mistyped address is a stranger's.
    """
    token_hash = swapped_token(request, name=_LINK_COOKIE)
    try:
        if request.method == "POST":
            email = confirm_change(token_hash=token_hash, origin=Origin.of(request))
            response = render(request, "messaging/address_confirmed.html", {"email": email})
            forget_token(request, response, name=_LINK_COOKIE)
            return response
        found = find_confirmation(token_hash=token_hash)
    except ConfirmationRefusedError:
        response = render(request, "messaging/address_refused.html", status=410)
        forget_token(request, response, name=_LINK_COOKIE)
        return response
    return render(request, "messaging/confirm_address.html", {"email": found.email})
