"""The two folded columns of a person: by what they are sorted, and what searches find.

``sort_key`` is « nom prénom » folded (:mod:`ent.folding`). ``search_key`` holds every word of the
names once, then once more behind a sign that nobody can type, since what is typed is folded to
letters and digits: the first word of the family name, with which ``sort_key`` begins, its others,
those of the given name, and whatever else somebody is called: ``"le goff lea dupont ^le =goff +lea
-dupont"``. The index of words (:mod:`directory.word_index`) holds them as they are.
"""

from __future__ import annotations

from functools import lru_cache

from ent.folding import fold

FIRST_SIGN = "^"
FAMILY_SIGN = "="
GIVEN_SIGN = "+"
OTHER_SIGN = "-"

LONGEST_SORT_KEY = 210
LONGEST_SEARCH_KEY = 1_200
_LONGEST_WORDS = 420
_LONGEST_PART = 158
_LONGEST_OTHERS = 460

folded = lru_cache(maxsize=65536)(fold)
"""Names repeat a lot: folding each once is a quarter of the reading time of an import saved."""


def folded_names(family: str, given: str, birth: str = "", others: str = "") -> tuple[str, str]:
    """Return ``(sort_key, search_key)`` of whoever bears these names, cut to their columns."""
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


@lru_cache(maxsize=65536)
def _signed(sign: str, words: str, longest: int = _LONGEST_PART) -> str:
    if not words:
        return ""
    separator = f" {sign}"
    return (separator + words.replace(" ", separator))[:longest]
