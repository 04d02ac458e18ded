"""What paper can show of a text: the letters that our fonts draw; the others are transliterated.

A document refuses a letter without a picture (PDF/UA-1), so one name would stop a whole school.
Our fonts draw Latin of every language, Greek, Cyrillic, Arabic and Hebrew (`fonts/letters.txt`,
made by `scripts/paper_fonts.py`). Files, screens and mails keep the true name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from anyascii import anyascii

FONTS: Final = Path(__file__).parent / "fonts"
#: Where neither a font nor a transliteration helps.
UNKNOWN: Final = "\ufffd"
_CONTROLS: Final = frozenset({"Cc", "Zl", "Zp"})
_INVISIBLE: Final = frozenset({"Cf", "Cs"})


def on_paper(text: str) -> str:
    """Return the text in letters that our fonts draw, on one line."""
    text = unicodedata.normalize("NFC", text)
    if _drawn().fullmatch(text):
        return text
    words = (word for word in _visible(text).split(" ") if word)
    return " ".join(_latin_word(word) for word in words)


def is_drawn(text: str) -> bool:
    """Do our fonts draw each of its letters? Controls and invisible marks do not count."""
    return _drawn().fullmatch(_visible(unicodedata.normalize("NFC", text))) is not None


def needs_fallback(text: str) -> bool:
    """Is one of its letters missing from the fonts of the slips themselves?"""
    return _letters("own-letters.txt").fullmatch(text) is None


@cache
def _letters(name: str) -> re.Pattern[str]:
    lines = (FONTS / name).read_text(encoding="ascii").split()
    spans = (line.split("-") for line in lines)
    ranges = (rf"\U{int(first, 16):08x}-\U{int(last, 16):08x}" for first, last in spans)
    return re.compile(f"[{''.join(ranges)}]*")


def _drawn() -> re.Pattern[str]:
    return _letters("letters.txt")


def _visible(text: str) -> str:
    """Take invisible marks away (direction marks among them); controls become spaces."""
    kinds = ((letter, unicodedata.category(letter)) for letter in text)
    return "".join(
        " " if kind in _CONTROLS else letter for letter, kind in kinds if kind not in _INVISIBLE
    )


def _latin_word(word: str) -> str:
    """Transliterate what is not drawn; scripts without capitals get one at the start of a word."""
    parts = []
    for is_known, letters in groupby(word, key=lambda letter: bool(_drawn().fullmatch(letter))):
        run = "".join(letters)
        parts.append(run if is_known else _transliterated(run))
    changed = "".join(parts)
    starts_known = bool(_drawn().fullmatch(word[:1]))
    return changed if starts_known else changed[:1].upper() + changed[1:]


def _transliterated(letters: str) -> str:
    latin = anyascii(letters)
    return latin if latin.strip() else UNKNOWN
