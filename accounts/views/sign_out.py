"""Leaving: the session ends, and the page says to close the browser (R-B9)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.doors import session_door
from accounts.doors.again import ask_again
from accounts.reachable import reachable_during_steps
from accounts.services.sign_out import close_session
from ent.audit.origin import Origin


@reachable_during_steps
@login_not_required
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, whoever it is of; a second click lands on the same page.

    Somebody who came in through an academy is led to the academy's own sign-out next, and the next
    academic sign-in of this browser asks again (R-B9).
    """
    door = session_door(request)
    close_session(request=request, origin=Origin.of(request))
    if door is None:
        return HttpResponseRedirect(reverse("accounts:signed_out"), status=303)
    address = reverse("accounts:signing_out_there", args=[door.code])
    response = HttpResponseRedirect(address, status=303)
    ask_again(response)
    return response


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
