"""What the journal calls the door by which somebody came in.

Events keep the code of a door, which only administrators know. The room that has the doors says in
its ``AppConfig.ready`` how people call them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

_Read = Callable[[Collection[str]], Mapping[str, str]]


def _unknown(codes: Collection[str]) -> Mapping[str, str]:
    return {}


_read: _Read = _unknown


def register_door_words(read: _Read) -> None:
    """*read* returns the words of these codes; a door that is gone has none. One statement."""
    global _read
    _read = read


def door_words(codes: Collection[str]) -> Mapping[str, str]:
    """« portail de l’académie de Nancy-Metz », by code."""
    return _read(codes) if codes else {}
