"""One look-up of a search: its count, its page and its facets all come from the same ids.

At most a thousand persons are found; beyond, the screen says « plus de 1 000 » and asks for more
letters. The look-up never reads more than that needs, by where one looks
(:mod:`directory.grounds`) and what was typed (:mod:`directory.asked_words`):

- few persons to look among (a school, a class, a group): their ids come first, by index, and
  their names are read; the thousand are the first by name.
- everybody, and nothing or one or two letters: the index of names is walked in its order and left
  at the thousandth.
- everybody, and one longer word: first the family names that begin so, walked likewise; when they
  are fewer than the cap, whoever else bears the words, from the index of words.
- everybody, and several longer words: whoever bears them all, from the index of words.
- everybody, and « Prénom », or one longer word that may be a given name: the index of given names
  is walked, and left at the thousandth; then the index of words.
- an academy: the same, since the indexes of names and of words hold the academies of a person. That
  of given names does not: it is walked where an academy is a good part of the portal.

``docs/decisions/0020-a-search-looks-up-once.md`` says why, and what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from directory import scopes
from directory.actors import Actor
from directory.asked_words import AskedWords
from directory.folded_names import FAMILY_SIGN, GIVEN_SIGN
from directory.forms.search import Criteria
from directory.grounds import Ground, ground_of, parts_of
from directory.models import Person
from directory.querysets import PersonQuerySet
from directory.search import (
    COUNT_CAP,
    bearing,
    beginning_with,
    beginning_with_either,
    folded_words,
    letters_of,
    of_given_name,
    order_few_by_name,
    ranges_of,
    with_word_starts,
)

_Row = tuple[str, int, str]
"""Folded name, id and profile: in this order, people are in the order of their names."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a search found: at most ``COUNT_CAP`` persons, in the order in which they are shown.

    ``is_in_order``: they are the first by name. Otherwise they are too many to be sorted, and
    ``has_families_first`` says whether the family names that begin so come first.
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


def look_up(actor: Actor, criteria: Criteria, *, descending: bool = False) -> Found:
    """Find whom *actor* may see and who answers to *criteria*, by name."""
    typed = (criteria.typed, criteria.family_name, criteria.given_name)
    if any(text.strip() and not folded_words(text) for text in typed):
        return Found({})
    parts = [
        _look_up_within(part, actor, criteria, descending=descending) for part in parts_of(actor)
    ]
    return parts[0] if len(parts) == 1 else _together(parts, descending=descending)


def _look_up_within(part: Actor, actor: Actor, criteria: Criteria, *, descending: bool) -> Found:
    asked = AskedWords.of(criteria)
    ground = ground_of(part, actor, criteria, asked.long_words)
    if criteria.family_name.strip() or criteria.given_name.strip():
        persons = ground.persons.matching(criteria.typed, is_narrow=ground.is_narrow)
        ground = replace(ground, persons=persons)
    found = _by_name(ground, asked, descending=descending)
    return _affiliated(found, ground.academies) if ground.academies else found


def _together(parts: list[Found], *, descending: bool) -> Found:
    """Whoever was found in one of *parts*, by name; nothing else is promised of too many."""
    profiles = {pk: profile for part in parts for pk, profile in part.profiles.items()}
    named = Person.objects.filter(pk__any_of=list(profiles)).values_list("sort_key", "pk")
    rows = sorted(((name, pk, profiles[pk]) for name, pk in named), reverse=descending)
    return Found(
        _profiles(rows[:COUNT_CAP]),
        is_capped=len(rows) > COUNT_CAP or any(part.is_capped for part in parts),
        is_in_order=all(part.is_in_order for part in parts),
    )


def _by_name(ground: Ground, asked: AskedWords, *, descending: bool) -> Found:
    """Find those of *ground* whose names answer."""
    persons, starts, words = ground.persons, asked.starts, asked.words
    if ground.is_narrow:
        persons = beginning_with_either(with_word_starts(persons, words), starts)
        return _capped(_first(order_few_by_name(persons, descending=descending)))
    if starts:
        return _capped(_walk(persons, starts, words, descending=descending))
    if not words:
        return _capped(_first(persons.in_name_order(descending=descending)))
    return _by_words(ground, asked, descending=descending)


def _first(ordered: PersonQuerySet, most: int = COUNT_CAP + 1) -> list[_Row]:
    return list(ordered.values_list("sort_key", "pk", "profile")[:most])


def _capped(rows: list[_Row]) -> Found:
    """The first by name."""
    return Found(_profiles(rows[:COUNT_CAP]), is_capped=len(rows) > COUNT_CAP)


def _too_many(first: list[_Row], others: list[_Row]) -> Found:
    """A thousand of more: *first* those whose family name begins so, then whoever was met."""
    return Found(
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
    """Walk the index of names from each of *starts*, and stop at the cap."""
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


def _by_words(ground: Ground, asked: AskedWords, *, descending: bool) -> Found:
    """Whoever bears all the words; when they are too many, family names first.

    One long word, whatever stands beside it, asks the index of names first, and so do short words
    of « Nom »: no row is read of those whose family name begins so. Then the index of given names,
    if nothing but given names may be meant. The index of words is asked for the others.
    """
    words, long_words = asked.words, asked.long_words
    of_families = [letters_of(word) for word in long_words if not word.startswith(GIVEN_SIGN)]
    is_walked = len(long_words) == len(of_families) == 1
    two_letters = asked.two_letters if is_walked else []
    if two_letters and not _is_frequent(long_words[0]):
        two_letters = []
    starts = of_families + two_letters if is_walked else []
    if not long_words:
        starts = asked.family_starts
    first = _walk(ground.persons, starts, words, descending=descending)
    if len(first) > COUNT_CAP:
        return _too_many(first, [])
    if asked.given_start and ground.is_dense:
        met = _first(of_given_name(ground.persons, asked.given_start))
        ranked = sorted({*first, *met}, reverse=descending)
        if len(ranked) > COUNT_CAP:
            return _too_many(first, ranked)
    others = bearing(
        ground.persons,
        (long_words + two_letters) or words,
        ground.indexed_academies,
        is_first=not is_walked,
    )
    # Who bears the word twice is met again: only a full second look-up says that there are more.
    met = _first(with_word_starts(others, words).order_by())
    ranked = sorted({*first, *met}, reverse=descending)
    if len(ranked) <= COUNT_CAP:
        return Found(_profiles(ranked))
    if of_families and not is_walked:
        first = _walk(ground.persons, of_families, words, descending=descending)
    return _too_many(first, ranked)


def _is_frequent(word: str) -> bool:
    """Does a given name of more than a thousand persons begin so?

    Family names that begin with the two letters beside it (« mar da ») are walked then as well,
    and the rows of all its bearers need not be read.
    """
    if word.startswith(FAMILY_SIGN):
        return False
    bearers = of_given_name(Person.objects.all(), GIVEN_SIGN + word)
    return scopes.there_are_more(bearers.values("pk"), COUNT_CAP)


def _affiliated(found: Found, academies: Iterable[int]) -> Found:
    """Ask the wall about those who were found: the words of academies lead, they allow nothing."""
    there = scopes.affiliated_among(found.identifiers, academies)
    profiles = {pk: profile for pk, profile in found.profiles.items() if pk in there}
    return replace(found, profiles=profiles)
