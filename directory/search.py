"""Finding persons among a million by what somebody half remembers.

What was typed is folded like the names (:mod:`ent.folding`), so accents, case, hyphens and
apostrophes never matter, nor does the order of the words. Two indexes answer, chosen by length: a
GIN prefix of one letter visits a tenth of the table, so one or two letters are the beginning of
the family name, found in the b-tree that also gives the order; longer words are prefixes of any
word of the names, found in the GIN index. ``docs/performance.md`` has the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, CharField, F, Func, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Collate, Concat, Length, Lower, StrIndex
from django.db.models.lookups import Exact

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

# The folding of :mod:`ent.folding`, said in SQL: decomposed first, since a PostgreSQL of locale C
# lowers no letter but those of ASCII. Of ``_LETTERS``, those past the end of ``_PLAIN`` vanish.
_SPELLED_OUT = {
    "œ": "oe",
    "Œ": "oe",
    "æ": "ae",
    "Æ": "ae",
    "ß": "ss",
    "þ": "th",
    "Þ": "th",
}
_MARKS = "".join(map(chr, (*range(0x300, 0x30D), 0x31B, 0x323, 0x326, 0x327, 0x328)))
_LETTERS = "øØđĐðÐłŁı-'’‘.,()/" + _MARKS
_PLAIN = "ooddddlli         "


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
    if is_narrow:
        return _read_names(persons, words)
    long_words = [word for word in words if len(word) >= INDEXED_LENGTH]
    if long_words:
        # Said a second time: finding a text in a text costs a hundredth of making the vector of
        # a row again, so wherever another index leads it throws most rows away first.
        return with_word_starts(bearing(persons, long_words), words)
    found = persons.annotate(byte_sort_key=Collate("sort_key", "C"))
    first_letters = Q()
    for word in words:
        first_letters |= Q(byte_sort_key__gte=word, byte_sort_key__lt=word + _AFTER_ALL)
    return with_word_starts(found.filter(first_letters), words[1:] and words)


def _read_names(persons: PersonQuerySet, words: list[str]) -> PersonQuerySet:
    """The rule of :func:`match_names` without an index: for persons listed by id."""
    if _has_long(words):
        return with_word_starts(persons, words)
    first_letters = Q()
    for number, word in enumerate(words):
        place = f"place_of_start_{number}"
        persons = persons.annotate(**{place: StrIndex("sort_key", Value(word))})
        first_letters |= Q(**{place: 1})
    return with_word_starts(persons.filter(first_letters), words[1:] and words)


def bearing(persons: PersonQuerySet, words: list[str]) -> PersonQuerySet:
    """Persons of whose names some begin with each of *words*, from the index of words."""
    return persons.annotate(name_words=SearchVector("search_key", config="simple")).filter(
        name_words=_prefixes(words)
    )


def beginning_with(persons: PersonQuerySet, start: str) -> PersonQuerySet:
    """Persons whose family name begins with *start*: a range of the index of names."""
    return persons.annotate(byte_sort_key=Collate("sort_key", "C")).filter(
        byte_sort_key__gte=start, byte_sort_key__lt=start + _AFTER_ALL
    )


def ranges_of(starts: list[str]) -> list[str]:
    """Return *starts* in order, without those that lie within another (« le » in « l »)."""
    kept: list[str] = []
    for start in sorted(set(starts)):
        if not kept or not start.startswith(kept[-1]):
            kept.append(start)
    return kept


def match_part(
    persons: PersonQuerySet, typed: str, *, field: str, is_narrow: bool = False
) -> PersonQuerySet:
    """Persons whose *field* (family or given name) holds every word of *typed*.

    The index narrows by all the names; the field itself is then folded by SQL, letter by letter.
    """
    words = folded_words(typed)
    if not words:
        return persons.none() if typed.strip() else persons
    if len(" ".join(words)) < INDEXED_LENGTH and field == "family_name":
        return match_names(persons, typed, is_narrow=is_narrow)
    found = persons
    if is_narrow:
        found = with_word_starts(persons, words)
    elif selective := [word for word in words if len(word) > 1]:
        found = with_word_starts(bearing(persons, selective), words)
    name = f"spaced_{field}"
    found = found.annotate(**{name: Concat(Value(" "), _folded(field), output_field=CharField())})
    for word in words:
        found = found.filter(**{f"{name}__contains": f" {word}"})
    return found


def _folded(field: str) -> Case:
    """Three names of four are ASCII, and folded at a quarter of the price."""
    spelled_out: F | Func = F(field)
    for letter, letters in _SPELLED_OUT.items():
        spelled_out = Func(spelled_out, Value(letter), Value(letters), function="replace")
    decomposed = Func(spelled_out, template="normalize(%(expressions)s, NFKD)")
    return Case(
        When(
            Exact(Func(field, function="octet_length", output_field=IntegerField()), Length(field)),
            then=_lowered(F(field)),
        ),
        default=_lowered(decomposed),
        output_field=TextField(),
    )


def _lowered(text: F | Func) -> Lower:
    plain = Func(text, Value(_LETTERS), Value(_PLAIN), function="translate")
    return Lower(plain, output_field=TextField())


def _has_long(words: list[str]) -> bool:
    return any(len(word) >= INDEXED_LENGTH for word in words)


def _prefixes(words: list[str]) -> SearchQuery:
    # Folded words hold letters and digits only: nothing of the query language can be typed.
    return SearchQuery(
        " & ".join(f"{word}:*" for word in words), search_type="raw", config="simple"
    )


def with_word_starts(persons: PersonQuerySet, words: list[str]) -> PersonQuerySet:
    """Keep persons one of whose words begins with each of *words*.

    By ``strpos(…) > 0``, not ``LIKE``: the planner takes a third for granted there, where it
    guesses next to nothing for a pattern and then chooses plans that take seconds.
    """
    spaced = Func(
        Value(" "),
        F("search_key"),
        arg_joiner=" || ",
        template="(%(expressions)s)",
        output_field=CharField(),
    )
    for number, word in enumerate(words):
        place = f"place_of_word_{number}"
        persons = persons.annotate(**{place: StrIndex(spaced, Value(f" {word}"))}).filter(
            **{f"{place}__gt": 0}
        )
    return persons
