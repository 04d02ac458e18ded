"""What people call a school, from what a delivery calls it.

``CLG$DES TROIS RIVIÈRES$L HAY LES ROSES`` is « Collège des Trois Rivières ». A name that is not
wholly in capitals was written by somebody who cared: it is kept as it is.
"""

from __future__ import annotations

import re
from typing import Final

from ent.pages.names import with_kind_once

_KINDS: Final = {
    "CLG": "Collège",
    "LYC": "Lycée",
    "LG": "Lycée",
    "LGT": "Lycée",
    "LT": "Lycée technologique",
    "LPO": "Lycée polyvalent",
    "LP": "Lycée professionnel",
    "LEGTA": "Lycée agricole",
    "LEGTPA": "Lycée agricole",
    "LPA": "Lycée professionnel agricole",
    "EREA": "EREA",
    "E.E.PU": "École élémentaire",
    "E.M.PU": "École maternelle",
    "E.P.PU": "École primaire",
}
_SMALL: Final = frozenset(
    [
        "à",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "lès",
        "sous",
        "sur",
    ]
)
_LINKED: Final = frozenset(["à", "au", "aux", "d", "de", "des", "du", "en", "et", "l"])
"""Small even when the name begins with them: « Collège de l’Abbaye », but « Collège La Forge »."""
_WORD: Final = re.compile(r"[^\W\d_]+")


def school_name(raw: str, town: str) -> str:
    """``SIGLE$NOM$COMMUNE`` (since 2018) or ``CLG-NOM-ac-LYON`` → what people call the school."""
    if "$" not in raw:
        head, _, _ = raw.partition("-ac-")
        return " ".join(head.split())
    kind, name, place = (*(part.strip() for part in raw.split("$")), "", "")[:3]
    named = (_KINDS.get(kind.upper(), kind), in_lower_case(name or place or town))
    return with_kind_once(" ".join(part for part in named if part))


def in_lower_case(text: str) -> str:
    """« L'ÎLE SUR ORNE » → « L’Île sur Orne »; a text with lower case in it is kept."""
    text = " ".join(text.split()).replace("'", "’")
    if text != text.upper():
        return text
    lowered = text.lower()

    def word(found: re.Match[str]) -> str:
        here = found[0]
        if here in _SMALL and (found.start() > 0 or here in _LINKED):
            return here
        return here[0].upper() + here[1:]

    return _WORD.sub(word, lowered)


def town_name(text: str) -> str:
    """As a name, but a town always begins with a capital: « La Forge », « L’Hay les Roses »."""
    named = in_lower_case(text)
    return named[:1].upper() + named[1:]
