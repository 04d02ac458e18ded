"""The schools nearest to what was typed, where none holds every word (R-A5).

A misspelt name (« ormesel »), a town without a school (« collège Nancy »), a postal code of the
next town (« 54000 »): the words are compared one by one, and the schools that answer to most of
them come first. Read at most once for a search that found nothing: some nine hundred schools.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from directory.models.schools import (
    School,
    SchoolQuerySet,
    meaningful_words,
    spellings_of_kind,
)
from ent.text.folding import fold

MOST: Final = 8
#: More words than this are compared with nothing: a name has fewer.
_MOST_WORDS: Final = 8
#: How alike two words are (0 to 1) that are taken for one, misspelt: one letter in six or so.
_ALIKE: Final = 0.78
_SHORTEST_ALIKE: Final = 4


@dataclass(frozen=True, slots=True)
class _Candidate:
    pk: int
    key: str
    postal_code: str
    authority: str

    def score(self, word: str, alike: frozenset[str]) -> int:
        """How well the school answers to one word: its own, one like it, its authority's."""
        if word.isdigit():
            return _nearness(word, self.postal_code)
        if word in self.key or word in self.key.replace(" ", ""):
            return 4
        if not alike.isdisjoint(self.key.split()):
            return 3
        return 1 if word in self.authority.split() else 0


def nearest_schools(schools: SchoolQuerySet, typed: str) -> list[School]:
    """Return the few of *schools* that answer best, nearest first; none when nothing is alike.

    « Collège » and « lycée » alone find nobody: they only put the schools of that kind first.
    """
    asked = meaningful_words(typed)[:_MOST_WORDS]
    kinds = [kind for word in asked if (kind := spellings_of_kind(word))]
    wanted = [word for word in asked if not spellings_of_kind(word)]
    columns = ("pk", "search_key", "postal_code", "authority__name")
    candidates = [
        _Candidate(pk, key, postal_code, fold(authority))
        for pk, key, postal_code, authority in schools.values_list(*columns)
    ]
    known = {word for one in candidates for word in one.key.split() if not word.isdigit()}
    alike = {word: _alike(word, known) for word in wanted}
    ranked = []
    for one in candidates:
        score = sum(one.score(word, alike[word]) for word in wanted)
        if score:
            of_kind = sum(not kind.isdisjoint(one.key.split()) for kind in kinds)
            ranked.append((-score, -of_kind, one.key, one.pk))
    best = [pk for *_, pk in sorted(ranked)[:MOST]]
    found = {school.pk: school for school in schools.filter(pk__in=best)}
    return [found[pk] for pk in best]


def _alike(word: str, known: set[str]) -> frozenset[str]:
    if len(word) < _SHORTEST_ALIKE or word.isdigit():
        return frozenset()
    return frozenset(get_close_matches(word, known, n=12, cutoff=_ALIKE))


def _nearness(number: str, postal_code: str) -> int:
    """5 for the same postal code, down to 1 for the same department; 0 elsewhere."""
    same = 0
    for mine, theirs in zip(number, postal_code, strict=False):
        if mine != theirs:
            break
        same += 1
    return same if same >= 2 else 0
