"""« Mot de passe oublié », « Identifiant oublié »: whom to ask, for now."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.journey import Journey


@login_not_required
@require_safe
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Lead to the person in charge of passwords in one's school."""
    return _page(request, "accounts/forgotten_password.html")


@login_not_required
@require_safe
def forgotten_login(request: HttpRequest) -> HttpResponse:
    """Lead to the school, and say where a login can be read."""
    return _page(request, "accounts/forgotten_login.html")


def _page(request: HttpRequest, template: str) -> HttpResponse:
    journey = Journey.of(request)
    context = {"journey": journey, "mire_href": reverse("accounts:mire") + journey.query()}
    return render(request, template, context)
