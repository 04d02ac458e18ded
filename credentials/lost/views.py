"""« Mot de passe oublié », « Identifiant oublié » (R-E7, R-E7b): one answer for everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.sign_in.query import SignInQuery
from credentials.enums import LostKind
from credentials.lost.forms import LostLoginForm, LostPasswordForm
from credentials.lost.services import WINDOW, TooManyRequestsError, ask
from ent.audit.origin import Origin
from ent.web.errors import too_many_requests


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Say whom to ask first; then a box to tick, the login, and one answer for every login."""
    form = LostPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, LostKind.PASSWORD, form.cleaned_data["identifiant"])
    return _page(request, "credentials/forgotten_password.html", form=form)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_login(request: HttpRequest) -> HttpResponse:
    """Ask for an address, and give one answer for every address."""
    form = LostLoginForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, LostKind.LOGIN, form.cleaned_data["courriel"])
    return _page(request, "credentials/forgotten_login.html", form=form)


def _ask(request: HttpRequest, kind: LostKind, typed: str) -> HttpResponse:
    try:
        ask(kind=kind, typed=typed, origin=Origin.of(request))
    except TooManyRequestsError:
        return too_many_requests(request, retry_after_seconds=int(WINDOW.total_seconds()))
    name = "password-asked" if kind == LostKind.PASSWORD else "login-asked"
    query = SignInQuery.of(request).query()
    return HttpResponseRedirect(reverse(f"credentials:{name}") + query, status=303)


@login_not_required
@never_cache
@require_safe
def password_asked(request: HttpRequest) -> HttpResponse:
    """The one answer about passwords; it knows nothing of what was typed."""
    return _page(request, "credentials/password_asked.html")


@login_not_required
@never_cache
@require_safe
def login_asked(request: HttpRequest) -> HttpResponse:
    """The one answer about logins; it knows nothing of what was typed."""
    return _page(request, "credentials/login_asked.html")


def _page(request: HttpRequest, template: str, **more: object) -> HttpResponse:
    sign_in_query = SignInQuery.of(request)
    context = {
        "sign_in_query": sign_in_query,
        "mire_href": reverse("accounts:mire") + sign_in_query.query(),
        **more,
    }
    return render(request, template, context)
