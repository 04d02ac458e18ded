"""The words typed to find a name, folded like the names themselves."""

from __future__ import annotations

from collections.abc import Iterable

from directory.names.folded import FAMILY_SIGN, GIVEN_SIGN
from ent.text.folding import fold

#: No name is longer; the rest of what was typed is not even folded (T-I1: 10 kB inputs).
LONGEST_INPUT = 200
MOST_WORDS = 8


def folded_words(typed: str) -> list[str]:
    """Return the words to look for: folded, at most eight."""
    return fold(typed[:LONGEST_INPUT].replace("\x00", " ")).split()[:MOST_WORDS]


def signed(words: Iterable[str], sign: str) -> list[str]:
    """Return *words* with the sign of the family or of the given name before each."""
    return [sign + word for word in words]


def letters_of(word: str) -> str:
    """Return a word without its sign."""
    return word.lstrip(FAMILY_SIGN + GIVEN_SIGN)


def without_implied(words: list[str]) -> list[str]:
    """Return *words*, each once, less those with which another begins (« m » of « m martin »)."""
    once = dict.fromkeys(words)
    return [
        word for word in once if not any(other != word and other.startswith(word) for other in once)
    ]


def ranges_of(starts: list[str]) -> list[str]:
    """Return *starts* in order, without those that begin with another (« le » beside « l »)."""
    kept: list[str] = []
    for start in sorted(set(starts)):
        if not kept or not start.startswith(kept[-1]):
            kept.append(start)
    return kept
