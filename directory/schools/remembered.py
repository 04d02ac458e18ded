"""The school that this browser was last in, kept after the session has ended.

A session that ends takes with it the school that somebody was in, and the sign-in that follows
would start from nothing. One cookie holds its UAI: a public number, which says nothing of anybody
and opens nothing. It is looked up each time, and preselects the academy and names whom to call.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from directory.schools.current import current_place, has_read_places

COOKIE_NAME = "preau_etablissement"
#: Six months: through the summer.
MAX_AGE_SECONDS = 180 * 24 * 3600
_UAI = re.compile(r"[0-9]{7}[A-Za-z]")


def remembered_uai(request: HttpRequest) -> str:
    """Return the UAI that the browser kept, "" when it kept none."""
    value = request.COOKIES.get(COOKIE_NAME, "")
    return value.upper() if _UAI.fullmatch(value) else ""


def keep_current_school(request: HttpRequest) -> None:
    """Let the answer keep the school that the signed-in person is in, before the session ends."""
    place = current_place(request)
    if place is not None:
        keep_school(request, place.school.uai)


def keep_school(request: HttpRequest, uai: str) -> None:
    """Let the answer to this request keep that school."""
    request._kept_school = uai  # type: ignore[attr-defined]  # noqa: SLF001


class KeepSchoolMiddleware:
    """Write the cookie where a page knew the school: it costs no statement of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the cookie when it would change."""
        response = self.get_response(request)
        if not hasattr(request, "_kept_school") and has_read_places(request):
            keep_current_school(request)
        uai: str = getattr(request, "_kept_school", "")
        if uai and uai != request.COOKIES.get(COOKIE_NAME):
            response.set_cookie(
                COOKIE_NAME,
                uai,
                max_age=MAX_AGE_SECONDS,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response
