"""Where somebody may be sent after signing in: an address of this portal, and nothing else (T-B6).

An address is kept only when it is a path (no scheme, no host, no backslash, no control character,
no encoded slash) that the portal's own resolver knows. Anything else is dropped in silence: the
person lands on the connected page.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

_LONGEST = 4000  # a service’s own address may travel in it
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
