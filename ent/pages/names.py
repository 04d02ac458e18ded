"""Names as people write them: feeds shout, pages do not.

Deliveries spell schools, towns and the given names of staff in capitals (« CLG DU PRÉ SAINT
JEAN »). Only how screens, mails and papers show them changes; what is stored, searched, exported
and released to services stays as delivered. Labels (functions, subjects, levels) are read by
:mod:`ent.pages.labels`.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import combining, normalize

_SMALL: Final = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "et", "en", "aux", "au", "sur", "sous", "à")
)
_EXPANDED: Final = {
    "CLG": "Collège",
    "COLLEGE": "Collège",
    "COLLÈGE": "Collège",
    "LYC": "Lycée",
    "LYCEE": "Lycée",
    "LYCÉE": "Lycée",
    "LGT": "Lycée",
    "LG": "Lycée",
    "LPO": "Lycée polyvalent",
    "LP": "Lycée professionnel",
    "LEGTA": "Lycée agricole",
    "LEGTPA": "Lycée agricole",
    "LPA": "Lycée professionnel agricole",
    "LT": "Lycée technologique",
    "ECOLE": "École",
    "ÉCOLE": "École",
}
_ACRONYMS: Final = frozenset(
    ("BP", "CEDEX", "CFA", "CIO", "CS", "EPLEFPA", "EREA", "LEAP", "MFR", "SEGPA", "ULIS", "UPE2A")
)
_WORD: Final = re.compile(r"[^\W\d_]+")
#: « L HAY », « BAINS L ABBAYE »: the feeds write towns without apostrophes.
_LOST_APOSTROPHE: Final = re.compile(r"\b([LlDd]) (?=[AEIOUYHÀÂÉÈÊËÎÏÔÛŒaeiouyhàâéèêëîïôûœ])")
#: What stands before the name of a street, in small letters; a number or « bis » comes first.
_STREET: Final = re.compile(
    r"\b(?:allée|allee|avenue|av|bis|boulevard|bd|chemin|cours|esplanade|faubourg|impasse|lotissement"
    r"|mail|montée|passage|place|pl|promenade|quai|quartier|route|rte|rue|ruelle|sentier|square|ter"
    r"|voie)\b(?=.)",
    re.IGNORECASE,
)


#: Words of places that are written in one way only.
_WORDS_WITH_ACCENTS: Final = (
    "alès", "andré", "argelès", "béthune", "besançon", "béziers", "chêne", "chênes", "cité",
    "clément", "compiègne", "créteil", "écluse", "écluses", "école", "éclaron", "église",
    "églises", "éloi", "élysée", "émile", "émilion", "épernay", "épinal", "épinay", "étampes",
    "étang", "étangs", "étaples", "étienne", "étoile", "étretat", "évêque", "évian", "évreux",
    "évry", "fécamp", "forêt", "forêts", "frêne", "frênes", "gérardmer", "général", "hénin",
    "hérault", "hérouville", "honoré", "liévin", "lunéville", "mâcon", "médard", "mérignac",
    "montbéliard", "montélimar", "nîmes", "orléans", "périgueux", "péronne", "poincaré", "rémi",
    "rémy", "république", "résistance", "sélestat", "sèvres", "sézanne", "vallée", "vélizy",
    "vénissieux", "vézelay", "victoire", "zoé",
)  # fmt: skip
_ACCENTED: Final = {
    "".join(sign for sign in normalize("NFD", word) if not combining(sign)): word
    for word in _WORDS_WITH_ACCENTS
}
#: Parts of names that have their accent wherever they stand.
_ACCENTED_PARTS: Final = (
    (re.compile("oeu"), "œu"),
    (re.compile("chate(?=au|l|n)"), "châte"),
    (re.compile("chatillon"), "châtillon"),
    (re.compile("iere(?=s?$)"), "ière"),
)
#: « Die » is a town, « Saint Dié » a saint.
_SAINT_DIE: Final = re.compile(r"\b(Saint[ -])Die\b")

_SMALL_IN_GIVEN_NAMES = frozenset(["de", "des", "du", "dos", "e", "et", "y"])


def calm_name(name: str) -> str:
    """Return *name* as a reader expects it; a name that is not all capitals is left alone.

    « CLG DU PRÉ SAINT JEAN » becomes « Collège du Pré Saint Jean ». An apostrophe that the feed
    left out comes back: « Bains l Abbaye » is « Bains l’Abbaye », and so do the accents of words
    that are written in one way only: « L ECLUSE SUR RIVIERE » is « L’Écluse sur Rivière ».
    """
    if name and name == name.upper() and _WORD.search(name):
        name = _WORD.sub(lambda match: _calm_word(match[0], is_first=match.start() == 0), name)
        name = _SAINT_DIE.sub("\\1Dié", name)
    return _LOST_APOSTROPHE.sub("\\1’", with_kind_once(name))


def with_kind_once(name: str) -> str:
    """« Collège Clg Jean Moulin » → « Collège Jean Moulin »: some files say the kind twice."""
    for kind in sorted(set(_EXPANDED.values()), key=len, reverse=True):
        if not name.startswith(f"{kind} "):
            continue
        first, _, rest = name[len(kind) + 1 :].partition(" ")
        again = _EXPANDED.get(first.upper(), "")
        if rest and again.split()[:1] == kind.split()[:1]:
            # The longer of the two kinds says more: « Lycée Lpa des Vosges ».
            return f"{max(kind, again, key=len)} {rest}"
    return name


def calm_street(line: str) -> str:
    """« 12 RUE DE LA GARE » → « 12 rue de la Gare »: the address of a school, line by line."""
    if line != line.upper():
        return line
    named = _WORD.sub(lambda match: _calm_word(match[0], is_first=match.start() == 0), line)
    lowered = _LOST_APOSTROPHE.sub("\\1’", _STREET.sub(lambda match: match[0].lower(), named))
    return lowered[:1].upper() + lowered[1:]


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


def person_name(given_name: str, family_name: str) -> str:
    """« Monique BERNARDIN » for MONIQUE: how people are addressed on screens, mails and papers."""
    return f"{calm_given_name(given_name)} {family_name}".strip()


def _calm_word(word: str, *, is_first: bool) -> str:
    if is_first and word in _EXPANDED:
        return _EXPANDED[word]
    if word in _ACRONYMS:
        return word
    if word.lower() in _SMALL and not is_first:
        return word.lower()
    return _accented(word.lower()).capitalize()


def _accented(word: str) -> str:
    """Give the accents back that capitals lost, where there is no doubt."""
    if word in _ACCENTED:
        return _ACCENTED[word]
    for part, written in _ACCENTED_PARTS:
        word = part.sub(written, word)
    return word
