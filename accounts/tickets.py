"""The one-time login ticket of a sign-in form.

Django's forgery check asks a `Referer` over https, which the phone apps that post this form by
themselves do not send. Here the hidden token alone decides: bound to the browser by Django's
cookie, drawn anew for each page, used once. Signing in changes the cookie's secret, so that no page
of before serves after.
"""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from accounts import throttle

FIELD = "csrfmiddlewaretoken"


class _TicketCheck(CsrfViewMiddleware):
    """Django's own comparison of token and cookie, without what needs a `Referer`."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)

    def _origin_verified(self, request: HttpRequest) -> bool:
        return True

    def _check_referer(self, request: HttpRequest) -> None:
        return None


def is_ticket_valid(request: HttpRequest) -> bool:
    """Tell whether the form was made for this browser, and use its ticket: once is all."""
    check = _TicketCheck(lambda _: HttpResponse())
    check.process_request(request)
    if check.process_view(request, lambda _: HttpResponse(), (), {}) is not None:
        return False
    token = request.POST.get(FIELD, "")
    if not token:  # only where the check itself is switched off (Django's test client)
        return True
    return throttle.use_ticket(hashlib.sha256(token.encode()).digest()[:16])
