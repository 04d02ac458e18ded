"""Many values tried in one test, quicker than a case for each: a failure names the value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def trying(*values: object) -> Iterator[None]:
    """Say which values were being tried when something fails."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"tried: {', '.join(map(ascii, values))}")
        raise
