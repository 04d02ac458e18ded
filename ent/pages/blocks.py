"""Blocks of the connected page: each room registers its own, the portal shows them.

A room calls :func:`register` in its ``AppConfig.ready``. A block draws itself with its template, to
which the page gives, as ``block``, what ``build`` returned; with None it is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Block:
    """One section of the connected page: ``code`` is unique, ``rank`` orders.

    ``build`` receives the request of a signed-in person and costs a fixed number of statements.
    """

    code: str
    template: str
    build: Callable[[HttpRequest], Mapping[str, Any] | None]
    rank: int = 100


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block that has something to say to whoever asks."""

    code: str
    template: str
    content: Mapping[str, Any]


_blocks: dict[str, Block] = {}


def register(block: Block) -> None:
    """Add *block*; registering the same code again replaces it (a reloaded process)."""
    _blocks[block.code] = block


def blocks_for(request: HttpRequest) -> list[ShownBlock]:
    """Return the blocks of the signed-in person, in order."""
    shown = []
    for block in sorted(_blocks.values(), key=lambda block: (block.rank, block.code)):
        content = block.build(request)
        if content is not None:
            shown.append(ShownBlock(block.code, block.template, content))
    return shown
