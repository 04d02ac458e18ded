"""Folding of French names: the one place that says which spellings are "the same".

The directory sorts and searches on folded columns computed here (the embedded PostgreSQL has no
``unaccent`` and its collation is C), logins are made of folded names, and a search box folds what
was typed with the same function, so both sides always agree.
"""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans(
    {
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "Æ": "ae",
        "ß": "ss",
        "ẞ": "ss",
        "ø": "o",
        "Ø": "o",
        "đ": "d",
        "Đ": "d",
        "ð": "d",
        "Ð": "d",
        "ł": "l",
        "Ł": "l",
        "þ": "th",
        "Þ": "th",
        "ı": "i",
    }
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NOT_LETTER = re.compile(r"[\W_]+")
_PLAIN_ASCII = re.compile(r"[A-Za-z0-9 ]*\Z")


def fold(text: str) -> str:
    """Return *text* in lower-case ASCII letters and digits, words separated by one space.

    Accents are dropped, ligatures expanded, apostrophes and hyphens become spaces:
    ``"Œuvré-d’Été"`` → ``"oeuvre d ete"``. NFC and NFD input give the same result. Letters of
    other scripts vanish, so a Cyrillic look-alike never equals a Latin name.
    """
    if _PLAIN_ASCII.match(text):
        return " ".join(text.lower().split())
    return _NOT_WORD.sub(" ", plain_letters(text)).strip()


def plain_letters(text: str) -> str:
    """Return *text* in lower case, without accents, ligatures expanded; all else stays as it is."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def fold_every_script(text: str) -> str:
    """Fold like :func:`fold`, but keep the letters of other scripts.

    To compare whole names: two names without any Latin letter are not the same name.
    """
    if _PLAIN_ASCII.match(text):
        return " ".join(text.lower().split())
    return _NOT_LETTER.sub(" ", plain_letters(text.casefold())).strip()


def without_accents(text: str) -> str:
    """Return *text* as the feeds write labels: no accent, straight apostrophes, nothing else."""
    decomposed = unicodedata.normalize("NFD", text.replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
