"""Which spellings of a name are the same."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

#: Latin letters that Unicode does not take apart.
_LETTERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")


@lru_cache(maxsize=65_536)
def fold(name: str) -> str:
    """Return the name without case, accents and signs: « Œuvré-d’Été » is « oeuvre d ete ».

    Letters of other scripts stay: two names that have no Latin letter are not the same name.
    """
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return _BETWEEN_WORDS.sub(" ", letters).strip()
