"""After a sign-out, the next academic sign-in of this browser proves who it is again (R-B9).

The academy may not have ended its own session: without this, a new tab on a shared computer would
sign the former person in with one click. The cookie says nothing about anybody.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE_NAME = "preau_redemander"
_MAX_AGE_SECONDS = 24 * 3600


def must_prove_again(request: HttpRequest) -> bool:
    """Did somebody sign out of an academic session in this browser, and nobody come in since?"""
    return request.COOKIES.get(COOKIE_NAME) == "1"


def ask_again(response: HttpResponse) -> None:
    """Set the cookie that makes the next academic sign-in of this browser prove again."""
    response.set_cookie(
        COOKIE_NAME,
        "1",
        max_age=_MAX_AGE_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def stop_asking_again(response: HttpResponse) -> None:
    """Somebody proved who they are: the note has served."""
    response.delete_cookie(COOKIE_NAME, samesite="Lax")
