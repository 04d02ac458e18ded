"""« À faire »: what waits for somebody's decision, registered by the room that knows.

A room calls :func:`register` in its ``AppConfig.ready``; the connected page lists, for whoever is
signed in, what they may do and what waits there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from ent.pages.figures import count_words


@dataclass(frozen=True, slots=True)
class Todo:
    """One kind of thing to do.

    ``count`` is asked on each connected page of whoever ``is_allowed``: one cheap statement
    (`ent.pages.figures.count_capped`). ``one`` and ``many`` follow the number: « compte attend… ».
    """

    code: str
    one: str
    many: str
    icon: str
    url_name: str
    is_allowed: Callable[[HttpRequest], bool]
    count: Callable[[HttpRequest], int]
    rank: int = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits: how many, in words, and where to go."""

    number: str
    words: str
    icon: str
    href: str


_todos: dict[str, Todo] = {}


def register(todo: Todo) -> None:
    """Add *todo*; registering the same code again replaces it (a reloaded process)."""
    _todos[todo.code] = todo


def waiting_for(request: HttpRequest) -> list[Waiting] | None:
    """Return what waits for the signed-in person, in order; None when nothing ever could."""
    allowed = [todo for todo in _todos.values() if todo.is_allowed(request)]
    if not allowed:
        return None
    counted = [(todo, todo.count(request)) for todo in sorted(allowed, key=lambda todo: todo.rank)]
    return [
        Waiting(
            number=count_words(count).capitalize(),
            words=todo.one if count == 1 else todo.many,
            icon=todo.icon,
            href=reverse(todo.url_name),
        )
        for todo, count in counted
        if count
    ]
