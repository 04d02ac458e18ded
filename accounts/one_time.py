"""One-time tokens that travel in a mailed address.

256 random bits, of which the database knows the SHA-256 only. The address that holds the token
answers with a redirect that swaps it into the session (its hash, which opens nothing by itself):
the page that follows, its forms, the browser's history, a `Referer` and the logs never see it
(T-C6). Reading that address changes nothing, so that a mail scanner may open it as often as it
likes (T-C4).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

from django.http import HttpRequest, HttpResponseRedirect

_BYTES = 32


def new_token() -> str:
    """Return a new token: 43 characters fit for an address."""
    return secrets.token_urlsafe(_BYTES)


def hash_token(token: str) -> bytes:
    """Return what the database knows of a token."""
    return hashlib.sha256(b"preau one-time link:" + token.encode()).digest()


def swap_into_session(
    request: HttpRequest, *, key: str, token: str, to: str
) -> HttpResponseRedirect:
    """Keep the token's hash under *key* in the session, and lead to *to*; nothing is looked up.

    A HEAD request, and what cannot be a token, only lead on.
    """
    if request.method == "GET" and _is_token(token):
        request.session[key] = hash_token(token).hex()
    response = HttpResponseRedirect(to, status=303)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def swapped_token(request: HttpRequest, *, key: str) -> bytes:
    """Return the hash that this browser came with, b"" when it came with none."""
    try:
        return bytes.fromhex(str(request.session.get(key, "")))
    except ValueError:
        return b""


def forget_token(request: HttpRequest, *, key: str) -> None:
    """Take the hash out of the session."""
    request.session.pop(key, None)


def _is_token(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(f"{text}=")) == _BYTES
    except (ValueError, binascii.Error):
        return False
