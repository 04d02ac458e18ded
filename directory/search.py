"""Finding persons among a million by what somebody half remembers.

What was typed is folded like the names (:mod:`ent.folding`), so accents, case, hyphens and
apostrophes never matter, nor does the order of the words. Three indexes answer: one or two letters
are the beginning of the family name, found in the b-tree that also gives the order; longer words
are beginnings of any word of the names, found in the index of words; what may be a given name is
looked for in the b-tree of given names first. A word of « Nom » or of « Prénom » carries its sign
(:mod:`directory.folded_names`) and is found in the index of words at any length.
``docs/performance.md`` has the figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import BooleanField, CharField, F, Func, Q, Value
from django.db.models.functions import Collate, Concat, Greatest, StrIndex

from directory.folded_names import FAMILY_SIGN, GIVEN_SIGN
from directory.word_index import GivenNames, academy_word, forms_of, has_beginnings
from ent.folding import fold

if TYPE_CHECKING:
    from directory.querysets import PersonQuerySet

#: Nobody's name is longer; what is beyond is not even folded (T-I1: 10 kB inputs).
LONGEST_INPUT = 200
MOST_WORDS = 8
#: From this length on a word goes to the GIN index.
INDEXED_LENGTH = 3
#: Lists count up to here, then say « plus de 1 000 ».
COUNT_CAP = 1_000

# After every folded character: an upper bound for « begins with ».
_AFTER_ALL = "{"


class _Unseen(Func):
    """A text that the planner does not see: it assumes a third of the rows on either side."""

    template = "(SELECT %(expressions)s::text)"
    output_field = CharField()


class _Before(Func):
    """``<``, written as « less than one of an array of one ».

    Of ``>=`` and ``<`` on one expression, when it sees neither text, PostgreSQL makes a range of
    one row in 200, which it would rather read and sort than walk; of an array it makes none.
    """

    template = "(%(expressions)s]))"
    arg_joiner = " < ANY(ARRAY["
    output_field = BooleanField()


def folded_words(typed: str) -> list[str]:
    """Return the words to look for: folded, at most eight."""
    return fold(typed[:LONGEST_INPUT].replace("\x00", " ")).split()[:MOST_WORDS]


def order_few_by_name(persons: PersonQuerySet, *, descending: bool = False) -> PersonQuerySet:
    """The same order for persons listed by id, written so that no index offers to give it.

    The planner otherwise walks the names of everybody and compares each id with the list.
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
    """Persons whose names hold, as beginnings of words, every word of *typed*.

    Nothing but signs or another script finds nobody; nothing at all changes nothing. *is_narrow*
    says that the persons are already few thousands (a school): reading their names is then
    quicker than fetching all the Martins of a region from the index.
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
    """Persons of whose words some begin with each of *words*, from the index of words.

    With *academies*, those of their schools only, by the same index. Not *is_first*: by words that
    are not the first of the family name. Say the words again by
    :func:`with_word_starts`: finding a text in a text costs a hundredth of making the vector of a
    row, so wherever another index leads it throws most rows away first.
    """
    return persons.filter(has_beginnings(words, academies, is_first=is_first))


def in_academies(persons: PersonQuerySet, academies: Iterable[int]) -> PersonQuerySet:
    """Persons of the schools of one of these authorities, as a condition that no index answers.

    The b-tree on the names holds what it compares: a walk past many never reads their rows.
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

    What the planner knows of given names is the hundred most frequent: of another beginning it
    expects so few bearers that it would read and sort them all. So it is not shown what is asked.
    """
    given = persons.annotate(signed_given_names=Collate(GivenNames("search_key"), "C"))
    end = _Before(F("signed_given_names"), _Unseen(Value(start + _AFTER_ALL)))
    there = given.filter(end, signed_given_names__gte=_Unseen(Value(start)))
    return there.order_by("signed_given_names")


def ranges_of(starts: list[str]) -> list[str]:
    """Return *starts* in order, without those that lie within another (« le » in « l »)."""
    kept: list[str] = []
    for start in sorted(set(starts)):
        if not kept or not start.startswith(kept[-1]):
            kept.append(start)
    return kept


def without_implied(words: list[str]) -> list[str]:
    """Return *words*, each once, less those with which another begins (« m martin »)."""
    once = dict.fromkeys(words)
    return [
        word for word in once if not any(other != word and other.startswith(word) for other in once)
    ]


def signed(words: Iterable[str], sign: str) -> list[str]:
    """Return *words* as those of the family or of the given name alone."""
    return [sign + word for word in words]


def letters_of(word: str) -> str:
    """Return a word without its sign."""
    return word.lstrip(FAMILY_SIGN + GIVEN_SIGN)


def with_word_starts(persons: PersonQuerySet, words: list[str]) -> PersonQuerySet:
    """Keep persons one of whose words begins with each of *words*.

    By ``strpos(…) > 0``, not ``LIKE``: the planner takes a third for granted there, where it
    guesses next to nothing for a pattern and then chooses plans that take seconds.
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
