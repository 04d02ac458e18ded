"""The forced step « Choisissez votre mot de passe » (R-B8)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.account.models import Account
from accounts.local.forms import NewPasswordForm
from accounts.local.passwords import AlreadyChosenError, choose_password
from accounts.steps import services as steps
from accounts.steps.services import PENDING_TERMS_KEY, STEPS_TAKEN_KEY
from ent.audit.origin import Origin
from ent.web.acts import needs_no_recent_proof
from ent.web.errors import unavailable
from signin.form_ends import may_end_anywhere
from signin.places import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place


@needs_no_recent_proof
@never_cache
@may_end_anywhere
@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password_step(request: HttpRequest) -> HttpResponse:
    """« Choisissez votre mot de passe »: before anything else, after a code or a reset."""
    account = cast("Account", request.user)
    if not steps.must_choose_password(account):
        return HttpResponseRedirect(steps.address_after_sign_in(request))
    if request.method != "POST":
        return _password_page(request, NewPasswordForm(account=account))
    try:
        with sign_in_place():
            form = NewPasswordForm(request.POST, account=account)
            if not form.is_valid():
                return _password_page(request, form)
            _choose(request, account, form.cleaned_data["new_password"])
    except TooBusyError:
        return unavailable(request, retry_after_seconds=RETRY_AFTER_SECONDS)
    except AlreadyChosenError:
        request.session.flush()
        return render(request, "accounts/already_chosen.html", status=409)
    messages.success(request, "Votre mot de passe est enregistré.")
    request.session[STEPS_TAKEN_KEY] = True
    return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)


@sensitive_variables("password")
def _choose(request: HttpRequest, account: Account, password: str) -> None:
    choose_password(request=request, account=account, password=password, origin=Origin.of(request))


def _password_page(request: HttpRequest, form: NewPasswordForm) -> HttpResponse:
    context = {
        "form": form,
        "login": form.account.login,
        "person": form.account.person,
        "has_terms": PENDING_TERMS_KEY in request.session,
    }
    return render(request, "accounts/choose_password.html", context)
