"""Forced steps: choose a password, accept the terms of use (R-B8, R-E9)."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.forms import NewPasswordForm, TermsForm
from accounts.gate import RETRY_AFTER_SECONDS, TooBusyError, sign_in_place
from accounts.models import Account
from accounts.services import steps
from accounts.services.passwords import AlreadyChosenError, choose_password
from accounts.services.steps import PENDING_TERMS_KEY, STEPS_TAKEN_KEY
from accounts.services.terms import accept_terms, terms_to_accept
from ent.audit.origin import Origin
from ent.errors import unavailable


@never_cache
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_terms_step(request: HttpRequest) -> HttpResponse:
    """Show the terms that hold for this account; nothing else opens before they are accepted."""
    account = cast("Account", request.user)
    text = terms_to_accept(account)
    form = TermsForm(request.POST if request.method == "POST" else None)
    if text is not None and not (request.method == "POST" and form.is_valid()):
        paragraphs = [part.strip() for part in text.body.split("\n\n") if part.strip()]
        context = {
            "form": form,
            "text": text,
            "paragraphs": paragraphs,
            "had_password_step": STEPS_TAKEN_KEY in request.session,
        }
        return render(request, "accounts/accept_terms.html", context)
    if text is not None:
        accept_terms(account=account, text=text, origin=Origin.of(request))
    request.session.pop(PENDING_TERMS_KEY, None)
    request.session.pop(STEPS_TAKEN_KEY, None)
    return HttpResponseRedirect(steps.address_after_sign_in(request), status=303)
