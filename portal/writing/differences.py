"""What differs between two writings of a text, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Line:
    """A line, and whether it stands only in the one or in the other."""

    words: str
    is_added: bool = False
    is_removed: bool = False


def differences(before: str, after: str) -> list[Line]:
    """Return the lines of both, in order; an empty one separates paragraphs and is left out."""
    return [line for line in _lines(before, after) if line.words.strip()]


def _lines(before: str, after: str) -> Iterator[Line]:
    old = before.replace("\r\n", "\n").split("\n")
    new = after.replace("\r\n", "\n").split("\n")
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            yield from (Line(words) for words in old[old_from:old_to])
            continue
        yield from (Line(words, is_removed=True) for words in old[old_from:old_to])
        yield from (Line(words, is_added=True) for words in new[new_from:new_to])
