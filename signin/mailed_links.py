"""One-time tokens that travel in a mailed address.

256 random bits, of which the database knows the SHA-256 only. The address that holds the token
answers with a redirect that swaps it into a cookie of the page that follows: its hash, sealed. That
page, its forms, the browser's history, a `Referer` and the logs never see the token (T-C6). Reading
the address changes nothing, so that a mail scanner may open it as often as it likes (T-C4), and
writes nothing: whoever invents addresses fills no table.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from ent.sealing.boxes import SealError
from ent.sealing.keys import KeyRole, UnknownKeyError
from ent.sealing.locking import lock, unlock

_BYTES = 32
COOKIE_SECONDS = 3600
"""How long a browser may stay on the page of a link before it opens the mail again."""


def new_token() -> str:
    """Return a new token: 43 characters fit for an address."""
    return secrets.token_urlsafe(_BYTES)


def hash_token(token: str) -> bytes:
    """Return what the database knows of a token."""
    return hashlib.sha256(b"preau one-time link:" + token.encode()).digest()


def swap_into_cookie(
    request: HttpRequest, *, name: str, token: str, to: str
) -> HttpResponseRedirect:
    """Keep the token's hash in the cookie *name* of the page *to*, and lead there.

    Nothing is looked up. The hash is sealed: who has read the database cannot make such a cookie.

    A HEAD request, and what cannot be a token, only lead on.
    """
    response = HttpResponseRedirect(to, status=303)
    if request.method == "GET" and _is_token(token):
        response.set_cookie(
            name,
            _sealed(name, hash_token(token)),
            max_age=COOKIE_SECONDS,
            path=to,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def swapped_token(request: HttpRequest, *, name: str) -> bytes:
    """Return the hash of the token that this browser came with, b"" when it came with none."""
    try:
        whole = base64.urlsafe_b64decode(request.COOKIES.get(name, "").encode("ascii"))
        return unlock(whole, role=KeyRole.CARRIED, context=_context(name)) if whole else b""
    except (SealError, UnknownKeyError, ValueError):
        return b""


def forget_token(request: HttpRequest, response: HttpResponse, *, name: str) -> None:
    """Take the token out of the browser, on the page where it served."""
    response.delete_cookie(name, path=request.path, samesite="Lax")


def _sealed(name: str, token_hash: bytes) -> str:
    whole = lock(token_hash, role=KeyRole.CARRIED, context=_context(name))
    return base64.urlsafe_b64encode(whole).decode("ascii")


def _context(name: str) -> bytes:
    return b"mailed link:" + name.encode("ascii")


def _is_token(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(f"{text}=")) == _BYTES
    except (ValueError, binascii.Error):
        return False
