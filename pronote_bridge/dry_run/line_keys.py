"""By what a line of a list is found again the next time: pairs made by hand hang on it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from ent.text.folding import fold_every_script
from pronote_bridge.dry_run.matching.names import key_of_line
from pronote_bridge.dry_run.reading.lists import ListLine
from pronote_bridge.enums import ListKind


def line_keys(kind: ListKind, lines: Sequence[ListLine]) -> list[bytes | None]:
    """Return the key of each line: its folded names and birth date, whatever its place in the file.

    Homonyms are told apart by their class and their relatives. Lines that are the same in all of it
    have none (None): a pair could not be given back to the right one.
    """
    plain = [_plain(line) for line in lines]
    homonyms = Counter(plain)
    parts = [
        names if homonyms[names] == 1 else (*names, *_circumstances(line))
        for names, line in zip(plain, lines, strict=True)
    ]
    same = Counter(parts)
    return [
        _digest((kind.value, *names)) if names[0] and same[names] == 1 else None for names in parts
    ]


def header_digest(header_key: str) -> bytes:
    """Return by what the titles of a list are found again."""
    return hashlib.sha256(header_key.encode()).digest()


def _plain(line: ListLine) -> tuple[str, ...]:
    born = line.birth_date.isoformat() if line.birth_date else ""
    return key_of_line(line).whole, born


def _circumstances(line: ListLine) -> tuple[str, ...]:
    relatives = sorted(fold_every_script(cell) for cell in (*line.guardians, *line.children))
    return fold_every_script(line.class_name), *relatives


def _digest(parts: Sequence[str]) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode()).digest()
