"""The protocols by kind of door, as `accounts.doors.kinds` registers them."""

from __future__ import annotations

from typing import Final

from accounts.doors.base.protocol import DoorProtocol

PROTOCOLS: Final[dict[str, DoorProtocol]] = {}


def register_protocol(kind: str, protocol: DoorProtocol) -> None:
    """Make a kind of door work."""
    PROTOCOLS[kind] = protocol


def find_protocol(kind: str) -> DoorProtocol | None:
    """Return how this kind of door works; None for a kind that has no protocol yet."""
    return PROTOCOLS.get(kind)


def protocol_of_kind(kind: str) -> DoorProtocol:
    """Return how this kind of door works; `LookupError` for a kind that has no protocol yet."""
    return PROTOCOLS[kind]


def settings_relations() -> list[str]:
    """Return the attributes of a door that hold the settings of its server."""
    return sorted({p.settings_relation for p in PROTOCOLS.values() if p.settings_relation})
