"""Leaving: the session ends, and the page says to close the browser (R-B9)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.reachable import reachable_during_steps
from accounts.services.sign_out import close_session
from ent.audit.origin import Origin


@reachable_during_steps
@login_not_required
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, whoever it is of; a second click lands on the same page."""
    close_session(request=request, origin=Origin.of(request))
    return HttpResponseRedirect(reverse("accounts:signed_out"), status=303)


@reachable_during_steps
@login_not_required
@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that it is done, and what is left to do on a shared computer.

    `Clear-Site-Data: "cache"` also empties the browser's store of pages to go back to.
    """
    response = render(request, "accounts/signed_out.html")
    response.headers["Clear-Site-Data"] = '"cache"'
    response.headers["Cache-Control"] = "no-store"
    if request.session.session_key is None:
        response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    return response
