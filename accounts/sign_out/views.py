"""Leaving: the session ends, and the page says to close the browser (R-B9)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.doors.kinds import session_door
from accounts.doors.returns.renewal import ask_again
from accounts.session_ends.closing import close_session
from accounts.session_ends.stale_form import stale_form
from accounts.sign_in.already import already_signed_in
from accounts.sign_in.query import SCHOOL, SignInQuery
from directory.schools.remembered import keep_school
from ent.audit.origin import Origin
from signin.form_tickets.checks import is_of_this_site
from signin.reachable import reachable_during_steps


@reachable_during_steps
@login_not_required
@never_cache
@csrf_exempt  # a button of an old tab signs out, too: `is_of_this_site`
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, whoever it is of; when nobody is signed in, nothing is left to do.

    Somebody who came in through an academy is led to the academy's own sign-out next, and the next
    academic sign-in of this browser asks again (R-B9). The browser keeps the school that one was
    in, or the one whose page one wants to sign in from.
    """
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("accounts:signed_out"), status=303)
    if not is_of_this_site(request):
        return stale_form(request)
    door = session_door(request)
    close_session(request=request, origin=Origin.of(request))
    if wanted := SignInQuery.named(school=request.POST.get(SCHOOL, ""), next_path="").school:
        keep_school(request, wanted.uai)
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
    """Say that it is done, and what is left to do on a shared computer; not to who is signed in."""
    if request.user.is_authenticated:
        return already_signed_in(request)
    return signed_out_page(request)


def signed_out_page(request: HttpRequest) -> HttpResponse:
    """Return the page, however the sign-out was asked for.

    `Clear-Site-Data: "cache"` also empties the browser's store of pages to go back to.
    """
    school = SignInQuery.of(request).school
    context = {
        "school": school,
        "again_href": reverse("accounts:mire") + SignInQuery(school=school).query(),
    }
    response = render(request, "accounts/signed_out.html", context)
    response.headers["Clear-Site-Data"] = '"cache"'
    response.headers["Cache-Control"] = "no-store"
    if request.session.session_key is None:
        response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    return response
