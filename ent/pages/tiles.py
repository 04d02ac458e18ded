"""The ENT's own services as tiles: each room registers what it opens, the portal shows them.

A room calls :func:`register` in its ``AppConfig.ready``; the portal (the highest room) lists, for
the signed-in person, the tiles whose ``is_allowed`` says yes. No room needs to know the portal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from ent.text.folding import fold

MOST_COUNTED = 100


@dataclass(frozen=True)
class Tile:
    """One service: ``code`` is unique, ``url_name`` needs no argument, ``rank`` orders.

    ``is_allowed`` receives the request of a signed-in person and must cost no query that grows.
    ``in_nav`` puts the tile's title in the header's navigation, too. ``count`` says how many things
    wait there (unread messages), beside the title; it is asked on every page of a signed-in person,
    so it is one cheap statement, and counts no further than 100, which shows as « 99+ ».
    ``also_at`` are paths under which its pages stand besides its own.
    """

    code: str
    title: str
    words: str
    icon: str
    url_name: str
    is_allowed: Callable[[HttpRequest], bool]
    rank: int = 100
    in_nav: bool = False
    count: Callable[[HttpRequest], int] | None = None
    count_noun: str = ""
    also_at: tuple[str, ...] = ()

    def counted(self, request: HttpRequest) -> str:
        """« 3 », « 99+ », or nothing when nothing waits."""
        number = self.count(request) if self.count is not None else 0
        if not number:
            return ""
        return str(number) if number < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


_tiles: dict[str, Tile] = {}


def register(tile: Tile) -> None:
    """Add *tile*; registering the same code again replaces it (a reloaded process)."""
    _tiles[tile.code] = tile


def allowed_tiles(request: HttpRequest) -> list[Tile]:
    """Return the tiles that the signed-in person may open, in order."""
    return [tile for tile in all_tiles() if tile.is_allowed(request)]


def all_tiles() -> list[Tile]:
    """Return every service of the ENT itself, in order, whoever may open it."""
    return sorted(_tiles.values(), key=lambda tile: (tile.rank, fold(tile.title)))
