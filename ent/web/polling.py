"""Pages that ask again by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def asks_by_itself(view: View) -> View:
    """Mark a view that a page reloads without anybody touching it.

    Its requests do not count as visits: a session left open on a progress page ends like any other
    (T-B3). Outermost decorator, so that the mark is on what the resolver finds.
    """
    view.is_polling = True  # type: ignore[attr-defined]
    return view
