"""The two folded columns of a person: ``sort_key`` for the order, ``search_key`` for searches.

``sort_key`` is « nom prénom » folded (:mod:`ent.text.folding`). ``search_key`` holds every word of
the names, then every word again behind the sign of its part: ``^`` the first word of the family
name, ``=`` its other words, ``+`` the given name, ``-`` birth name and other given names. For
example ``"le goff lea dupont ^le =goff +lea -dupont"``. Nobody can type a sign: what is typed is
folded to letters and digits. The index of words (:mod:`directory.names.word_index`) holds these
words as they are.
"""

from __future__ import annotations

from functools import lru_cache

from anyascii import anyascii

from ent.text.folding import fold

FIRST_SIGN = "^"
FAMILY_SIGN = "="
GIVEN_SIGN = "+"
OTHER_SIGN = "-"

LONGEST_SORT_KEY = 210
LONGEST_SEARCH_KEY = 1_200
_LONGEST_WORDS = 420
_LONGEST_PART = 158
_LONGEST_OTHERS = 460
_LONGEST_LOGIN_PART = 30

folded = lru_cache(maxsize=65536)(fold)
"""Names repeat: remembering each folded name saves a quarter of an import's reading time."""


def folded_names(family: str, given: str, birth: str = "", others: str = "") -> tuple[str, str]:
    """Return ``(sort_key, search_key)`` of a person of these names, cut to the columns' lengths."""
    folded_family, folded_given = folded(family), folded(given)
    sort_key = f"{folded_family} {folded_given}".strip()
    if birth == family:
        birth = ""
    if others == given:
        others = ""
    extra = ""
    if birth or others:
        known = sort_key.split()
        extra = " ".join(
            word for word in f"{folded(birth)} {folded(others)}".split() if word not in known
        )
    words = f"{sort_key} {extra}".strip() if extra else sort_key
    search_key = (
        words[:_LONGEST_WORDS]
        + _signed(FAMILY_SIGN, folded_family).replace(FAMILY_SIGN, FIRST_SIGN, 1)
        + _signed(GIVEN_SIGN, folded_given)
        + _signed(OTHER_SIGN, extra, _LONGEST_OTHERS)
    )
    return sort_key[:LONGEST_SORT_KEY], search_key


def name_keys(family: str, given: str, birth: str, others: str = "") -> tuple[str, str, str]:
    """``(sort key, search words, login base)`` of a person.

    The login base is ``prenom.nom``, folded, each part at most 30 characters, without a final
    digit (a number at the end always tells homonyms apart); ``compte`` when nothing is left. Names
    in other scripts are written in Latin letters.
    """
    sort_key, search_key = folded_names(family, given, birth, others)
    parts = (_login_part(given), _login_part(family))
    base = ".".join(part for part in parts if part).rstrip("0123456789.")
    return sort_key, search_key, base or "compte"


@lru_cache(maxsize=65536)
def _login_part(name: str) -> str:
    """A name folded; of another script, in Latin letters: only where folding leaves nothing."""
    part = folded(name) or (folded(anyascii(name)) if name else "")
    return part.replace(" ", "")[:_LONGEST_LOGIN_PART]


@lru_cache(maxsize=65536)
def _signed(sign: str, words: str, longest: int = _LONGEST_PART) -> str:
    if not words:
        return ""
    separator = f" {sign}"
    return (separator + words.replace(" ", separator))[:longest]
