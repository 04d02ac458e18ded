"""Conditions and orders on the names of persons, written for the indexes of a million names.

What was typed is folded like the names (:mod:`ent.text.folding`), so accents, case, hyphens,
apostrophes and the order of the words do not matter. Three indexes serve: one or two letters are
the beginning of the family name, found in the b-tree on ``sort_key``, which also gives the order;
a longer word is the beginning of any word of the names, found in the index of words; a word that
may be a given name is looked up in the b-tree of given names first. A word of « Nom » or « Prénom »
carries its sign (:mod:`directory.names.folded`) and is found in the index of words at any length.
``docs/performance.md`` has the figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import BooleanField, CharField, F, Func, Q, Value
from django.db.models.functions import Collate, Concat, Greatest, StrIndex

from directory.names.word_index import (
    GivenNames,
    academy_word,
    forms_of,
    has_beginnings,
)
from directory.names.words import folded_words

if TYPE_CHECKING:
    from directory.models.persons import PersonQuerySet

#: From this length on a word goes to the GIN index.
INDEXED_LENGTH = 3

# After every folded character: an upper bound for « begins with ».
_AFTER_ALL = "{"


class _Unseen(Func):
    """A text hidden from the planner, which then assumes a third of the rows on either side."""

    template = "(SELECT %(expressions)s::text)"
    output_field = CharField()


class _Before(Func):
    """``<``, written as ``< ANY`` of an array of one text.

    When PostgreSQL sees ``>=`` and ``<`` on one expression and neither text, it expects one row in
    200, and then reads and sorts them instead of reading the index in order. It makes no such range
    of an array.
    """

    template = "(%(expressions)s]))"
    arg_joiner = " < ANY(ARRAY["
    output_field = BooleanField()


def order_few_by_name(persons: PersonQuerySet, *, descending: bool = False) -> PersonQuerySet:
    """The order of :func:`order_by_name` for persons listed by id, written so that no index has it.

    Otherwise the planner reads the names of everybody in order and compares each id with the list.
    """
    name = Collate(Concat("sort_key", Value("")), "C")
    if descending:
        return persons.order_by(name.desc(), F("id").desc())
    return persons.order_by(name.asc(), F("id").asc())


def order_by_name(persons: PersonQuerySet, *, descending: bool = False) -> PersonQuerySet:
    """Order by the folded name in byte order, then by id so that pages never overlap."""
    name = Collate("sort_key", "C")
    if descending:
        return persons.order_by(name.desc(), F("id").desc())
    return persons.order_by(name.asc(), F("id").asc())


def match_names(persons: PersonQuerySet, typed: str, *, is_narrow: bool = False) -> PersonQuerySet:
    """Persons of whose names some word begins with each word of *typed*.

    A text without letters or digits (« % ») finds nobody; an empty text restricts nothing.
    *is_narrow*: *persons* are a few thousand at most (a school), so that reading their names is
    faster than fetching everybody who bears the word from the index.
    """
    words = folded_words(typed)
    if not words:
        return persons.none() if typed.strip() else persons
    long_words = [word for word in words if len(word) >= INDEXED_LENGTH]
    if is_narrow:
        starts = [] if long_words else words
        return beginning_with_either(with_word_starts(persons, words), starts)
    if long_words:
        return with_word_starts(bearing(persons, long_words), words)
    found = persons.annotate(byte_sort_key=Collate("sort_key", "C"))
    first_letters = Q()
    for word in words:
        first_letters |= Q(byte_sort_key__gte=word, byte_sort_key__lt=word + _AFTER_ALL)
    return with_word_starts(found.filter(first_letters), words[1:] and words)


def beginning_with_either(persons: PersonQuerySet, starts: list[str]) -> PersonQuerySet:
    """Persons whose family name begins with one of *starts*, if any, without an index."""
    either = Q()
    for number, start in enumerate(starts):
        place = f"place_of_start_{number}"
        persons = persons.annotate(**{place: StrIndex("sort_key", Value(start))})
        either |= Q(**{place: 1})
    return persons.filter(either)


def bearing(
    persons: PersonQuerySet,
    words: list[str],
    academies: Iterable[int] = (),
    *,
    is_first: bool = True,
) -> PersonQuerySet:
    """Persons of whose names some word begins with each of *words*, from the index of words.

    With *academies*, only persons of their schools, by the same index. With *is_first* false, only
    words that are not the first of the family name count. Add :func:`with_word_starts` with the
    same words: where the planner takes another index, it discards most rows at a hundredth of the
    cost of making their vectors.
    """
    return persons.filter(has_beginnings(words, academies, is_first=is_first))


def in_academies(persons: PersonQuerySet, academies: Iterable[int]) -> PersonQuerySet:
    """Persons of the schools of one of these authorities, as a condition that leads to no index.

    The b-tree on the names includes the column compared, so reading it in order reads no row.
    """
    either = Q()
    for academy in academies:
        place = f"place_of_academy_{academy}"
        persons = persons.annotate(
            **{place: StrIndex("academies", Value(f"{academy_word(academy)} "))}
        )
        either |= Q(**{f"{place}__gt": 0})
    return persons.filter(either)


def beginning_with(persons: PersonQuerySet, start: str) -> PersonQuerySet:
    """Persons whose family name begins with *start*: a range of the index of names."""
    return persons.annotate(byte_sort_key=Collate("sort_key", "C")).filter(
        byte_sort_key__gte=start, byte_sort_key__lt=start + _AFTER_ALL
    )


def of_given_name(persons: PersonQuerySet, start: str) -> PersonQuerySet:
    """Persons whose given names begin with *start* (« +jean +c »), in the order of their index.

    The planner knows the hundred most frequent given names; for any other it expects few rows and
    would read and sort them all. So the text is hidden from it.
    """
    given = persons.annotate(signed_given_names=Collate(GivenNames("search_key"), "C"))
    end = _Before(F("signed_given_names"), _Unseen(Value(start + _AFTER_ALL)))
    there = given.filter(end, signed_given_names__gte=_Unseen(Value(start)))
    return there.order_by("signed_given_names")


def with_word_starts(persons: PersonQuerySet, words: list[str]) -> PersonQuerySet:
    """Persons of whose names some word begins with each of *words*, without an index.

    Written ``strpos(…) > 0``, not ``LIKE``: the planner assumes a third of the rows for the first,
    almost none for the second, and then chooses plans that take seconds.
    """
    spaced = _joined(Value(" "), F("search_key"))
    for number, word in enumerate(words):
        place = f"place_of_word_{number}"
        places = [StrIndex(spaced, Value(f" {form}")) for form in forms_of(word)]
        found = places[0] if len(places) == 1 else Greatest(*places)
        persons = persons.annotate(**{place: found}).filter(**{f"{place}__gt": 0})
    return persons


def _joined(*texts: F | Value) -> Func:
    return Func(*texts, arg_joiner=" || ", template="(%(expressions)s)", output_field=CharField())
