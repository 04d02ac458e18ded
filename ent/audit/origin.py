"""Where an act came from: the address, the door, and the family of the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest

from ent.web.client_address import client_address

# First match wins: several browsers carry the names of others.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What the journal keeps of it: nothing of what the browser says beyond two family names."""

    address: str | None = None
    door: str = ""
    device: str = ""

    @classmethod
    def of(cls, request: HttpRequest, *, door: str = "") -> Self:
        """Return the origin of a request; the address is the one the trusted proxy gives."""
        return cls(
            address=client_address(request) or None,  # a local socket has none
            door=door[:60],
            device=device_family(request.headers.get("User-Agent", "")),
        )


COMMAND = Origin(door="commande")


def device_family(user_agent: str) -> str:
    """Return « Firefox, Windows » and the like; "" when nothing is recognised."""
    names = (
        next((name for mark, name in families if mark in user_agent), "")
        for families in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in names if name)
