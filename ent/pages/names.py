"""Names as people write them: feeds shout, pages do not.

Deliveries spell schools, towns and the given names of staff in capitals (« CLG DU PRÉ SAINT
JEAN »). Only how a page shows
them changes; what is stored, searched and exported stays as delivered.
"""

from __future__ import annotations

import re
from typing import Final

_SMALL: Final = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "et", "en", "aux", "au", "sur", "sous", "à")
)
_EXPANDED: Final = {
    "CLG": "Collège",
    "COLLEGE": "Collège",
    "LYC": "Lycée",
    "LYCEE": "Lycée",
    "LGT": "Lycée",
    "LG": "Lycée",
    "LPO": "Lycée polyvalent",
    "LP": "Lycée professionnel",
    "LEGTA": "Lycée agricole",
    "LEGTPA": "Lycée agricole",
    "ECOLE": "École",
}
_ACRONYMS: Final = frozenset(
    ("EREA", "SEGPA", "CFA", "CIO", "CEDEX", "LEAP", "MFR", "EPLEFPA", "UPE2A", "ULIS")
)
_WORD: Final = re.compile(r"[^\W\d_]+")


_SMALL_IN_GIVEN_NAMES = frozenset(["de", "des", "du", "dos", "e", "et", "y"])


def calm_name(name: str) -> str:
    """Return *name* as a reader expects it; a name that is not all capitals is left alone.

    « CLG DU PRÉ SAINT JEAN » becomes « Collège du Pré Saint Jean ».
    """
    if not name or name != name.upper() or not _WORD.search(name):
        return name
    return _WORD.sub(lambda match: _calm_word(match[0], is_first=match.start() == 0), name)


def calm_given_name(name: str) -> str:
    """Return a given name as its bearer writes it; one that is not all capitals is left alone.

    The feeds write those of staff in capitals: « JEAN-PIERRE » becomes « Jean-Pierre », « MARIE DE
    LOURDES » « Marie de Lourdes », « M'HAMED » « M'Hamed ». For screens and mails only: data and
    exports keep the feed's spelling.
    """
    if not name or name != name.upper():
        return name
    return _WORD.sub(
        lambda found: (
            found[0].lower()
            if found.start() and found[0].lower() in _SMALL_IN_GIVEN_NAMES
            else found[0].capitalize()
        ),
        name,
    )


def _calm_word(word: str, *, is_first: bool) -> str:
    if is_first and word in _EXPANDED:
        return _EXPANDED[word]
    if word in _ACRONYMS:
        return word
    if word.lower() in _SMALL and not is_first:
        return word.lower()
    return word.capitalize()
