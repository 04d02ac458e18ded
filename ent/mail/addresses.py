"""Which addresses a mail may go to: one definition, for counts, lists, mails and letters.

Feeds hold `mailto:x@y`, `<x@y>`, names before an address, lists, spaces and worse. `usable_address`
takes off what surrounds one address and says "" of everything that is not exactly one. Statements
of SQL ask it too: they know by `PLAIN` which addresses are certainly usable as they stand, and are
told of the few others (`messaging.addresses.known`).
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_ADDRESS: Final = 254  # RFC 5321, 4.5.3.1.3, without its angle brackets

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#: At least two labels, and a last one that is no number (RFC 3696, 2).
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?=[A-Za-z]){_LABEL}")
_LAST_LABEL_LENGTH: Final = 2
_INVISIBLE: Final = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]"
)
_ANGLED: Final = re.compile(r"[^<>@]*<([^<>]+)>")
_MAILTO: Final = re.compile(r"mailto:(?://)?([^?]*)(?:\?.*)?", re.IGNORECASE)

#: Certainly usable as it stands when it is no longer than `LONGEST_PLAIN` (so that no label is too
#: long), in what Python's and PostgreSQL's expressions have in common; many others are usable, too.
#: Two conditions: with the length inside the expression PostgreSQL takes five times as long.
LONGEST_PLAIN: Final = 64
PLAIN: Final = (
    r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*"
    r"@([A-Za-z0-9]+(-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,10}$"
)


def usable_address(text: str) -> str:
    """Return the one address that stands in *text*, "" when no mail may go there.

    `mailto:`, angle brackets with a name before them, and what is blank or invisible around are
    taken off. The part before the @ is ASCII without quotes: no server here is asked for SMTPUTF8.
    A domain with other letters must be writable in ASCII (IDNA); it is returned as it stood.
    """
    address = _bare(text)
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        return ""
    try:
        written = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    if not _DOMAIN.fullmatch(written) or len(local) + 1 + len(written) > LONGEST_ADDRESS:
        return ""
    return "" if len(written.rpartition(".")[2]) < _LAST_LABEL_LENGTH else address


def is_usable(address: str) -> bool:
    """Is it one plain address, with nothing around it?"""
    return address != "" and usable_address(address) == address


def spellings_of(address: str) -> tuple[str, ...]:
    """Return how a feed may write this plain address, as `usable_address` reads it."""
    return (
        address,
        f"mailto:{address}",
        f"<{address}>",
        f"mailto:<{address}>",
        f"<mailto:{address}>",
    )


def _bare(text: str) -> str:
    """Take off what surrounds an address, however deep."""
    while True:
        inner = _trimmed(text)
        for wrapping in (_MAILTO, _ANGLED):
            found = wrapping.fullmatch(inner)
            if found is not None:
                inner = found[1]
        if inner == text:
            return text
        text = inner


def _trimmed(text: str) -> str:
    """Take off what is blank or invisible at both ends."""
    start, end = 0, len(text)
    while start < end and _INVISIBLE.match(text[start]):
        start += 1
    while end > start and _INVISIBLE.match(text[end - 1]):
        end -= 1
    return text[start:end]
