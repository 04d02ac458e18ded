"""Whole numbers that a request brings."""

from __future__ import annotations

from typing import Final

#: What a bigint of PostgreSQL holds.
LARGEST: Final = 2**63 - 1
_FIGURES: Final = len(str(LARGEST))


def read_number(text: str, *, most: int = LARGEST) -> int | None:
    """Return the number, None for what is none, is negative or is larger than *most*.

    Plain figures only: `int` takes other scripts' too, and fails at some thousands of them.
    """
    if len(text) > _FIGURES or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= most else None
