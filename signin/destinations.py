"""Where somebody may be sent after signing in: an address of this portal, and nothing else (T-B6).

An address is kept only when it is a path (no scheme, no host, no backslash, no control character,
no encoded slash) that the portal's own resolver knows. Anything else is dropped in silence: the
person lands on the connected page.
"""

from __future__ import annotations

import re
import time
import unicodedata
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve

DESTINATION_KEY = "destination"
"""In a session: the page that the sign-in was for, until every forced step is done."""
SIGNED_IN_FOR_KEY = "signed_in_for"
"""In a session: the address that this sign-in was made for; who serves it knows it is fresh."""
_TAKEN_KEY = "destination_taken"
_SECONDS_AGAIN = 60
_LONGEST = 24_000  # a service’s own address, each sign of it escaped, may travel in it
_PLAIN_PATH = re.compile(r"/(?![/\\])[^\\\s]*")


def safe_path(address: str) -> str:
    """Return the address when it is a path of ours, "" otherwise."""
    if not address or len(address) > _LONGEST or not _PLAIN_PATH.fullmatch(address):
        return ""
    if any(unicodedata.category(char).startswith("C") for char in unquote(address)):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    decoded = unquote(unquote(parts.path))
    if parts.scheme or parts.netloc or "//" in decoded or "\\" in decoded or ".." in decoded:
        return ""
    try:
        resolve(unquote(parts.path))
    except Resolver404:
        return ""
    return address


def connected_page() -> str:
    """Return the address of the connected page; a higher room owns it, a setting names it."""
    return str(settings.LOGIN_REDIRECT_URL)


def keep_destination(request: HttpRequest, next_path: str) -> None:
    """Keep the page that the sign-in is for until its forced steps are done."""
    request.session[DESTINATION_KEY] = next_path
    request.session[SIGNED_IN_FOR_KEY] = next_path


def forget_demand(request: HttpRequest) -> None:
    """The page that the sign-in was made for is being served: it is no longer fresh for another."""
    request.session.pop(SIGNED_IN_FOR_KEY, None)


def forget_destinations(request: HttpRequest) -> None:
    """A new sign-in begins in the same session: what the one before was for is over."""
    for name in (DESTINATION_KEY, SIGNED_IN_FOR_KEY, _TAKEN_KEY):
        request.session.pop(name, None)


def take_destination(request: HttpRequest) -> str:
    """Return the page that the sign-in was for, the connected one by default.

    It serves once, and within a minute again: the last form of a sign-in may be sent twice, and the
    browser throws the first answer away.
    """
    now = time.time()
    if kept := str(request.session.pop(DESTINATION_KEY, "")):
        request.session[_TAKEN_KEY] = [kept, now]
        return kept
    taken, taken_at = request.session.get(_TAKEN_KEY, ["", 0])
    return str(taken) if taken and now - float(taken_at) < _SECONDS_AGAIN else connected_page()
