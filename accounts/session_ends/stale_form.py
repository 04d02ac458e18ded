"""A form of another session: nothing was done; the page says who is signed in (T-B5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from signin.form_tickets.checks import NO_COOKIE, has_form_cookie


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose token is missing, or is of a session that is not this one's.

    The token changes at each sign-in and sign-out: a form rendered for somebody else, in another
    tab of the same browser, always ends here, whoever is signed in now. A browser that keeps no
    cookie ends here with every form: the page names that cause.
    """
    user = getattr(request, "user", None)
    is_signed_in = user is not None and user.is_authenticated
    name = user.person.full_name if user is not None and is_signed_in else ""
    context = {"account_name": name, "no_cookie": "" if has_form_cookie(request) else NO_COOKIE}
    return render(request, "accounts/stale_form.html", context, status=403)
