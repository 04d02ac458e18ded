"""A form of another session: nothing was done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from signin.form_tickets.checks import NO_COOKIE, has_form_cookie


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose token is missing, or is of another session."""
    context = {"no_cookie": "" if has_form_cookie(request) else NO_COOKIE}
    return render(request, "guichet/stale_form.html", context, status=403)
