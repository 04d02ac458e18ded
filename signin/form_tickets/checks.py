"""The one-time login ticket of a sign-in form.

Django's forgery check asks a `Referer` over https, which the phone apps that post this form by
themselves do not send. Here the hidden token alone decides: bound to the browser by Django's
cookie, drawn anew for each page, used once. Signing in changes the cookie's secret, so that no page
of before serves after.
"""

from __future__ import annotations

import hashlib
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

FIELD = "csrfmiddlewaretoken"
NO_COOKIE: Final = (
    "Votre navigateur n’a envoyé aucun cookie\u00a0: rien n’a été fait. L’ENT en a besoin pour "
    "vous reconnaître. Autorisez les cookies de ce site, puis recommencez."
)
"""What a form says that came without the cookie of its own page."""


class _TicketCheck(CsrfViewMiddleware):
    """Django's own comparison of token and cookie, without what needs a `Referer`."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)

    def _origin_verified(self, request: HttpRequest) -> bool:
        return True

    def _check_referer(self, request: HttpRequest) -> None:
        return None


class StaleTicketError(Exception):
    """The form was not made for this browser, or before its last sign-in."""


def ticket_of(request: HttpRequest) -> bytes | None:
    """Return the number of the form's ticket; the statement of the try uses it, once.

    Raises `StaleTicketError` when the form was not made for this browser. None only where the check
    itself is switched off (Django's test client).
    """
    check = _TicketCheck(lambda _: HttpResponse())
    check.process_request(request)
    if check.process_view(request, lambda _: HttpResponse(), (), {}) is not None:
        raise StaleTicketError
    token = request.POST.get(FIELD, "")
    if token:
        return hashlib.sha256(token.encode()).digest()[:16]
    if not getattr(request, "_dont_enforce_csrf_checks", False):
        raise StaleTicketError  # a header held the token: it would serve again and again
    return None


def has_form_cookie(request: HttpRequest) -> bool:
    """Did the browser bring the cookie that every page with a form gives it?"""
    return settings.CSRF_COOKIE_NAME in request.COOKIES


def is_of_this_site(request: HttpRequest) -> bool:
    """Was the form made by this site, however long ago? For what harms nobody when it comes late.

    Its token is this browser's, or the browser names the page that sends it.
    """
    try:
        ticket_of(request)
    except StaleTicketError:
        is_same_site = request.headers.get("Sec-Fetch-Site") == "same-origin"
        own_origin = f"{request.scheme}://{request.get_host()}"
        return is_same_site or request.headers.get("Origin") == own_origin
    return True
