"""Where a request comes from.

Only the hops of our own proxies are believed (`TRUSTED_PROXY_COUNT`): a visitor may write anything
in front of `X-Forwarded-For`, and `Forwarded` is not read at all (T-A11).
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

_IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address, as the outermost trusted proxy saw it."""
    hops = settings.TRUSTED_PROXY_COUNT
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if not hops:
        return _plain(peer)
    forwarded = [
        part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part
    ]
    if len(forwarded) < hops:
        return _plain(peer)
    return _plain(forwarded[-hops]) or _plain(peer)


def address_group(address: str) -> str:
    """Return what is counted as one place: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed)


def _plain(text: str) -> str:
    """Return the address in its canonical spelling, "" when it is none."""
    try:
        parsed = ipaddress.ip_address(text.strip().strip("[]").split("%", maxsplit=1)[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)
