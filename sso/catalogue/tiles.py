"""Tiles of services: a higher room may draw those of the services that it governs.

    register_tiles(pronote_tiles)

The portal lists the services that a person may open; for those which a drawer takes, the drawer's
tiles stand first and the service's own is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from directory.enums import Profile
from directory.models import Person
from sso.catalogue.models import Service


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """One service that somebody may open, at one of its entries."""

    title: str
    words: str
    icon: str
    href: str
    notice: str = ""
    """What to know before the click; the tile opens all the same."""


#: Gets the person, the services that they may open and the profile in which they are now; returns
#: the tiles of each service that it draws, by the service's key.
TileDrawer = Callable[
    [Person, Sequence[Service], Profile | None], Mapping[int, Sequence[ServiceTile]]
]

_drawers: list[TileDrawer] = []


def register_tiles(drawer: TileDrawer) -> None:
    """Let a higher room draw the tiles of its services; twice changes nothing."""
    if drawer not in _drawers:
        _drawers.append(drawer)


def drawn_tiles(
    person: Person, services: Sequence[Service], active: Profile | None
) -> dict[int, Sequence[ServiceTile]]:
    """Return the tiles that other rooms draw, by the service's key, in their order."""
    found: dict[int, Sequence[ServiceTile]] = {}
    for drawer in _drawers:
        found.update(drawer(person, services, active))
    return found
