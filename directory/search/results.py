"""The persons that a search finds: the count, the page and the facets come from the same ids.

A search finds at most ``COUNT_CAP`` persons; beyond, the screen says « plus de 1 000 » and asks for
more letters. Which index is read depends on the candidates (:mod:`directory.search.candidates`) and
on the words typed (:mod:`directory.search.typed_words`):

- few candidates (a school, a class, a group): their ids are listed by index, then their names are
  read; the first thousand by name are kept.
- everybody, and nothing typed or one or two letters: the index of names is read in its order, up to
  the cap.
- everybody, and one longer word: the family names that begin with it, read in the same way; below
  the cap, the index of words adds the persons of whom another word begins with it.
- everybody, and several longer words: the index of words gives the persons who have them all.
- everybody, and « Prénom », or one longer word that may be a given name: the index of given names
  is read up to the cap, then the index of words.
- an academy: the same, since the indexes of names and of words hold the academies of a person. The
  index of given names does not; it is read only where the academy is a large part of the portal.

``docs/decisions/0020-a-search-looks-up-once.md`` says why, and what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from directory.models.persons import Person, PersonQuerySet
from directory.names.folded import FAMILY_SIGN, GIVEN_SIGN
from directory.names.matching import (
    bearing,
    beginning_with,
    beginning_with_either,
    of_given_name,
    order_few_by_name,
    with_word_starts,
)
from directory.names.words import folded_words, letters_of, ranges_of
from directory.rights.actors import Actor
from directory.search.candidates import Candidates, candidates_of, parts_of
from directory.search.forms import Criteria
from directory.search.reach import affiliated_among, there_are_more
from directory.search.typed_words import TypedWords
from ent.pages.pagination import COUNT_CAP

_Row = tuple[str, int, str]
"""Folded name, id and profile: in this order, people are in the order of their names."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """At most ``COUNT_CAP`` persons, in the order in which they are shown.

    ``is_in_order``: they are the first by name. Otherwise there are more than the cap and they are
    not sorted; ``has_families_first`` says whether those come first whose family name begins with
    what was typed.
    """

    profiles: dict[int, str]
    """The profile of each id, in the order shown."""
    is_capped: bool = False
    is_in_order: bool = True
    has_families_first: bool = False

    @property
    def identifiers(self) -> list[int]:
        """The ids, in the order shown."""
        return list(self.profiles)

    @property
    def count(self) -> int:
        """How many there are, at most one more than the cap."""
        return len(self.profiles) + self.is_capped


def look_up(actor: Actor, criteria: Criteria, *, descending: bool = False) -> SearchResult:
    """Find the persons whom *actor* may see and who answer to *criteria*, by name."""
    typed = (criteria.typed, criteria.family_name, criteria.given_name)
    if any(text.strip() and not folded_words(text) for text in typed):
        return SearchResult({})
    parts = [
        _look_up_within(part, actor, criteria, descending=descending) for part in parts_of(actor)
    ]
    return parts[0] if len(parts) == 1 else _together(parts, descending=descending)


def _look_up_within(
    part: Actor, actor: Actor, criteria: Criteria, *, descending: bool
) -> SearchResult:
    typed_words = TypedWords.of(criteria)
    candidates = candidates_of(part, actor, criteria, typed_words.long_words)
    if criteria.family_name.strip() or criteria.given_name.strip():
        persons = candidates.persons.matching(criteria.typed, is_narrow=candidates.is_narrow)
        candidates = replace(candidates, persons=persons)
    found = _by_name(candidates, typed_words, descending=descending)
    return _affiliated(found, candidates.academies) if candidates.academies else found


def _together(parts: list[SearchResult], *, descending: bool) -> SearchResult:
    """Merge the *parts* by name; above the cap the order is that of names among those found."""
    profiles = {pk: profile for part in parts for pk, profile in part.profiles.items()}
    named = Person.objects.filter(pk__any_of=list(profiles)).values_list("sort_key", "pk")
    rows = sorted(((name, pk, profiles[pk]) for name, pk in named), reverse=descending)
    return SearchResult(
        _profiles(rows[:COUNT_CAP]),
        is_capped=len(rows) > COUNT_CAP or any(part.is_capped for part in parts),
        is_in_order=all(part.is_in_order for part in parts),
    )


def _by_name(candidates: Candidates, typed_words: TypedWords, *, descending: bool) -> SearchResult:
    """Find those of *candidates* whose names hold the words typed."""
    persons, starts, words = candidates.persons, typed_words.starts, typed_words.words
    if candidates.is_narrow:
        persons = beginning_with_either(with_word_starts(persons, words), starts)
        return _capped(_first(order_few_by_name(persons, descending=descending)))
    if starts:
        return _capped(_walk(persons, starts, words, descending=descending))
    if not words:
        return _capped(_first(persons.in_name_order(descending=descending)))
    return _by_words(candidates, typed_words, descending=descending)


def _first(ordered: PersonQuerySet, most: int = COUNT_CAP + 1) -> list[_Row]:
    return list(ordered.values_list("sort_key", "pk", "profile")[:most])


def _capped(rows: list[_Row]) -> SearchResult:
    """Keep the first by name."""
    return SearchResult(_profiles(rows[:COUNT_CAP]), is_capped=len(rows) > COUNT_CAP)


def _too_many(first: list[_Row], others: list[_Row]) -> SearchResult:
    """Keep a thousand of more: *first*, found by family name, then the *others*, unsorted."""
    return SearchResult(
        dict(islice(_profiles([*first, *others]).items(), COUNT_CAP)),
        is_capped=True,
        is_in_order=False,
        has_families_first=bool(first),
    )


def _profiles(rows: Iterable[_Row]) -> dict[int, str]:
    return {pk: profile for _, pk, profile in rows}


def _walk(
    persons: PersonQuerySet, starts: list[str], words: list[str], *, descending: bool
) -> list[_Row]:
    """Read the index of names from each of *starts*, in order, up to the cap."""
    found: list[_Row] = []
    ranges = ranges_of(starts)
    for start in reversed(ranges) if descending else ranges:
        others = [word for word in words if word != start]
        there = with_word_starts(beginning_with(persons, start), others)
        ordered = there.in_name_order(descending=descending)
        found += _first(ordered, COUNT_CAP + 1 - len(found))
        if len(found) > COUNT_CAP:
            break
    return found


def _by_words(candidates: Candidates, typed_words: TypedWords, *, descending: bool) -> SearchResult:
    """Find the persons whose names hold all the words; above the cap, family names come first.

    One long word, with or without short ones, and short words of « Nom » are looked up in the index
    of names first: it gives these persons without reading their rows. Then comes the index of given
    names, when the words can only be given names, and the index of words for all others.
    """
    words, long_words = typed_words.words, typed_words.long_words
    of_families = [letters_of(word) for word in long_words if not word.startswith(GIVEN_SIGN)]
    is_walked = len(long_words) == len(of_families) == 1
    two_letters = typed_words.two_letters if is_walked else []
    if two_letters and not _is_frequent(long_words[0]):
        two_letters = []
    starts = of_families + two_letters if is_walked else []
    if not long_words:
        starts = typed_words.family_starts
    first = _walk(candidates.persons, starts, words, descending=descending)
    if len(first) > COUNT_CAP:
        return _too_many(first, [])
    if typed_words.given_start and candidates.is_dense:
        met = _first(of_given_name(candidates.persons, typed_words.given_start))
        ranked = sorted({*first, *met}, reverse=descending)
        if len(ranked) > COUNT_CAP:
            return _too_many(first, ranked)
    others = bearing(
        candidates.persons,
        (long_words + two_letters) or words,
        candidates.indexed_academies,
        is_first=not is_walked,
    )
    # Both look-ups may find the same person, so only the merged rows say whether the cap is passed.
    met = _first(with_word_starts(others, words).order_by())
    ranked = sorted({*first, *met}, reverse=descending)
    if len(ranked) <= COUNT_CAP:
        return SearchResult(_profiles(ranked))
    if of_families and not is_walked:
        first = _walk(candidates.persons, of_families, words, descending=descending)
    return _too_many(first, ranked)


def _is_frequent(word: str) -> bool:
    """Do the given names of more than a thousand persons begin with *word*?

    For « mar da » the family names in « da » are then read too, from the index of names, which is
    less than the rows of everybody whose given name begins with « mar ».
    """
    if word.startswith(FAMILY_SIGN):
        return False
    bearers = of_given_name(Person.objects.all(), GIVEN_SIGN + word)
    return there_are_more(bearers.values("pk"), COUNT_CAP)


def _affiliated(found: SearchResult, academies: Iterable[int]) -> SearchResult:
    """Keep those who are affiliated in *academies*: an index found them, the links decide."""
    there = affiliated_among(found.identifiers, academies)
    profiles = {pk: profile for pk, profile in found.profiles.items() if pk in there}
    return replace(found, profiles=profiles)
