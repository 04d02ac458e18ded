"""What rooms do to a restored copy before it is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

#: Returns how many there were.
Hold = Callable[[], int]
#: Raises `ValueError` for a list that cannot be read.
Replay = Callable[[Path], int]

_holds: dict[str, Hold] = {}
_replays: list[Replay] = []


def register_hold(words: str, hold: Hold) -> None:
    """Stop what a copy would do a second time (T-L11): *words* name what, in French."""
    _holds[words] = hold


def register_replay(replay: Replay) -> None:
    """Erase again those whose erasure the copy does not know, by a list from outside of it."""
    _replays.append(replay)


def hold_everything() -> dict[str, int]:
    """Stop everything that waited when the copy was made; return how many of each."""
    return {words: hold() for words, hold in _holds.items()}


def erase_again(erasures: Path) -> int:
    """Erase whoever stands in the list and in the copy; return how many."""
    return sum(replay(erasures) for replay in _replays)
