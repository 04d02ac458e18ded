"""What the portal itself puts on the connected page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from ent.pages.blocks import Block, register
from ent.pages.todo import waiting_for
from portal.connected.children import children_block


def register_blocks() -> None:
    """Called once the rooms are loaded."""
    register(Block("a-faire", "portal/_todo.html", _todo_block, rank=10))
    register(Block("enfants", "portal/_children.html", children_block, rank=20))


def _todo_block(request: HttpRequest) -> Mapping[str, Any] | None:
    """« À faire », for whoever may do any of it: heads, managers, administrators."""
    waiting = waiting_for(request)
    return None if waiting is None else {"waiting": waiting}
