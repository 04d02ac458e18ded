"""Pages that stay reachable during a forced step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def reachable_during_steps(view: View) -> View:
    """Mark a view that informs (rights, legal notices) or draws (colours, logos) and does nothing.

    Everything else leads to the step until it is done (T-C1).
    """
    view.is_reachable_during_steps = True  # type: ignore[attr-defined]
    return view
