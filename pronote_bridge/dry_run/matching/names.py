"""What names are compared by: folded, both names or both in one text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ent.text.folding import fold_every_script
from pronote_bridge.dry_run.reading.lists import ListLine

folded = lru_cache(maxsize=65_536)(fold_every_script)
"""The names of a school repeat."""

#: « M. », « Mme »… before a name in one column. A lone M is a civility before a space only.
_CIVILITY: Final = re.compile(r"(?:M\.|MM\.|Mme\.?|Mlle\.?|Mr\.?|Monsieur|Madame|M) +", re.I)
_BETWEEN_NAMES: Final = re.compile(r"\s*(?:[\n\r;,/|+]| et )\s*")
_LOWER: Final = re.compile(r"[^\W\d_]*[a-zà-öø-ÿ]")


@dataclass(frozen=True, slots=True)
class NameKey:
    """The folded names of somebody; `pair` is None where one text holds both and no case parts it.

    `whole` is both names in one: whoever has the same pair has the same whole.
    """

    whole: str
    pair: tuple[str, str] | None

    def agrees(self, other: NameKey) -> bool:
        """Are these the same names, as far as both sides tell them apart?"""
        if self.whole != other.whole:
            return False
        return self.pair is None or other.pair is None or self.pair == other.pair


def key_of(family_name: str, given_name: str) -> NameKey:
    """Return what a person of two names is compared by."""
    family, given = folded(family_name), folded(given_name)
    return NameKey(f"{family} {given}".strip(), (family, given))


def key_of_line(line: ListLine) -> NameKey:
    """Return what a line is compared by."""
    if line.full_name:
        return key_of_text(line.full_name)
    return key_of(line.family_name, line.given_name)


def key_of_text(text: str) -> NameKey:
    """Return what a text of both names is compared by: « MARTIN Léa » is parted by its capitals."""
    text = _CIVILITY.sub("", text, count=1) if _CIVILITY.match(text) else text
    words = text.split()
    family = 0
    while family < len(words) and _is_shouted(words[family]):
        family += 1
    if 0 < family < len(words) and not any(map(_is_shouted, words[family:])):
        return key_of(" ".join(words[:family]), " ".join(words[family:]))
    return NameKey(folded(text), None)


def names_in(cell: str) -> list[str]:
    """Return the folded names of a cell that may hold several: whole, and each part of it."""
    parts = [part for part in _BETWEEN_NAMES.split(cell) if part]
    texts = [cell, *parts] if len(parts) > 1 else [cell]
    return [key_of_text(text).whole for text in texts]


def spelling(family_name: str, given_name: str) -> str:
    """Return names as they are read: spaces apart, letter for letter."""
    return " ".join(f"{family_name} {given_name}".split())


def _is_shouted(word: str) -> bool:
    """Is it written in capitals, as family names are: two letters at least, none small?"""
    return sum(map(str.isalpha, word)) > 1 and not _LOWER.search(word) and word == word.upper()
