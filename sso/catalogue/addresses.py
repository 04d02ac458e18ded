"""Addresses of services, read and compared by component (T-B6, T-E2).

An address that a browser and this module might read differently is refused outright: user names,
control characters, a backslash before the query, « /../ » in any spelling, hosts outside ASCII or
ending with a dot. What is left is compared as (scheme, host without case, port, path prefix).

A service is answered with the bytes that it sent. Browsers and clients escape some characters on
the way (RFC 3986, 2.1 and 6.2.2), so two texts that differ in such escapes only are the same one.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

SCHEMES: Final = ("https", "http")
#: Characters; what one line of a request holds (`ent.web.gunicorn`).
LONGEST: Final = 8000
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
# Pronote sends « https:%2F%2Fhost… »: the whole address was encoded once more.
_ENCODED_AGAIN = re.compile(r"https?:%2f%2f", re.IGNORECASE)
_START = re.compile(r"https?://[^/?#]", re.IGNORECASE)
# What no header holds: everything but the printable characters of ASCII.
_NOT_IN_A_HEADER = re.compile(r"[^\x21-\x7e]+")
# What some client on the way escapes: what RFC 3986 has no place for, and « ' » (browsers).
_ESCAPED_BY_SOME = re.compile(r"""[^\x21-\x7e]+|["'<>\\^`{|}]+""")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_LABEL = r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")


class AddressRefused(ValueError):
    """The text is no address that can be registered or returned to."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address, taken apart; ``text`` is what the service called itself."""

    text: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def location(self) -> str:
        """The address as a header holds it: byte for byte, but for what no header can hold."""
        return as_header(self.text)

    @property
    def origin(self) -> str:
        """« https://host » or « https://host:8443 », as policies write it."""
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def read_address(text: str) -> Address:
    """Return the address's parts, or raise `AddressRefused`."""
    if not text or len(text) > LONGEST:
        raise AddressRefused("empty or too long")
    text = _plain(text)
    if not _START.match(text) or "\\" in re.split("[?#]", text, maxsplit=1)[0]:
        raise AddressRefused("not an absolute http address")
    if any(unicodedata.category(char)[0] == "C" for char in text):
        raise AddressRefused("control characters")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise AddressRefused("no readable host or port") from error
    if "@" in parts.netloc or parts.netloc.endswith(":") or port == 0:
        raise AddressRefused("user name, or port without number")
    if any(char.isspace() for char in parts.netloc):
        raise AddressRefused("spaces in the host")
    scheme = parts.scheme.lower()
    path = parts.path or "/"
    _refuse_climbing(path)
    return Address(
        text=text,
        scheme=scheme,
        host=_checked_host(host),
        port=port or _DEFAULT_PORTS[scheme],
        path=path,
    )


def is_same(one: str, other: str) -> bool:
    """Are these the same service string, but for escapes that some client adds or removes?

    A service that says `?f=a|b` may hear itself called back as `?f=a%7Cb`, or the other way round.
    Whether « https:%2F%2F » was decoded makes no difference either; anything else does.
    """
    return one == other or _with_equal_escapes(_plain(one)) == _with_equal_escapes(_plain(other))


def as_header(text: str) -> str:
    """Escape what no header can hold (spaces, letters outside ASCII), and nothing else."""
    return _NOT_IN_A_HEADER.sub(_escaped, text)


def _with_equal_escapes(text: str) -> str:
    """Write the escapes that make no difference in one way."""
    return _ESCAPE.sub(_plain_escape, _ESCAPED_BY_SOME.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    return quote(found[0], safe="", errors="replace")


def _plain_escape(found: re.Match[str]) -> str:
    """Decode a letter or digit that needed no escape; write the others in capitals."""
    char = chr(int(found[1], 16))
    return char if _UNRESERVED.fullmatch(char) else found[0].upper()


def _plain(text: str) -> str:
    return unquote(text) if _ENCODED_AGAIN.match(text) else text


def is_ours(host: str) -> bool:
    """Does the host name the ENT itself, or a machine beside it that no service lives on?

    Single logout posts to registered addresses: a school's administrator may not aim it at the
    machine's own services (a host whose last label is a number is an IPv4 address, however short).
    """
    plain = host.strip("[]")
    if host in settings.PORTAL_HOSTS or host == "localhost" or host.endswith(".localhost"):
        return True
    if settings.SCHOOL_DOMAIN and host.endswith(f".{settings.SCHOOL_DOMAIN}"):
        return True
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", plain.rpartition(".")[2]) is not None
    address = getattr(address, "ipv4_mapped", None) or address
    return bool(
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
    )


def covers(prefix: str, path: str) -> bool:
    """Does *path* stand under *prefix*, whose end is the end of a segment?"""
    prefix, path = _with_equal_escapes(prefix), _with_equal_escapes(path)
    if path == prefix or prefix == "/":
        return True
    return path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def with_parameters(address: str, parameters: list[tuple[str, str]]) -> str:
    """Append parameters to an address, before its fragment; what was there stays as it was."""
    before, mark, fragment = address.partition("#")
    pairs = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters]
    _, has_query, query = before.partition("?")
    joint = "?" if not has_query else "" if not query or query.endswith("&") else "&"
    return f"{before}{joint}{'&'.join(pairs)}{mark}{fragment}"


def _checked_host(host: str) -> str:
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError as error:
            raise AddressRefused("no IPv6 address") from error
    if not _HOST_NAME.fullmatch(host):
        raise AddressRefused("no plain host name")
    return host


def _refuse_climbing(path: str) -> None:
    """Refuse « .. » segments and hidden separators, however often they were encoded."""
    for _ in range(3):
        if "\\" in path or any(unicodedata.category(char)[0] == "C" for char in path):
            raise AddressRefused("hidden separator in the path")
        if any(segment.split(";")[0].strip() in {".", ".."} for segment in path.split("/")):
            raise AddressRefused("climbing path")
        decoded = unquote(path)
        if decoded == path:
            return
        path = decoded
    raise AddressRefused("path encoded too often")
