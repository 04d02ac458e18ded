"""Letting a sign-in form end at the service that asked for it.

A browser checks `form-action` along the redirects that follow a posted form: under « 'self' » alone
the sign-in would succeed and the way back to the service be blocked. The page of a form whose
sign-in was asked by a registered service may therefore lead to that service's origin, and no other.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from accounts.services.steps import DESTINATION_KEY
from sso.demands import service_text
from sso.registry import find_service


class ServiceFormMiddleware:
    """Add the asking service's origin to `form-action`, on pages of signing in only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the service from the address, from `next`, or from where the session goes next."""
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not is_page or response.has_header("Location"):
            return response
        text = _asking_service(request)
        found = find_service(text) if text else None
        if found is not None:
            response._csp_update = {"form-action": [found[1].origin]}  # type: ignore[attr-defined]  # noqa: SLF001
        return response


def _asking_service(request: HttpRequest) -> str:
    # A school's host has its own few addresses: the sign-in of services is always the portal's.
    login = reverse("sso:login", urlconf=settings.ROOT_URLCONF)
    if request.path == login:
        return service_text(request.GET)[1]
    wanted = request.GET.get("next", "")
    if not wanted and request.session.accessed:
        wanted = str(request.session.get(DESTINATION_KEY, ""))
    if not wanted.startswith(login):
        return ""
    try:
        return service_text(QueryDict(urlsplit(wanted).query))[1]
    except ValueError:
        return ""
