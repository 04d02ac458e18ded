"""The two indexes on the words of a person's names, and the expressions that they store.

The index of words (GIN) finds a person by the beginning of any word of ``search_key``
(:mod:`directory.names.folded`), or by ``@3`` for an authority of their schools
(``Person.academies``, which a trigger keeps). The words are not parsed as text, so a sign stays
part of its word.

The index of given names (b-tree) gives them in order: for a frequent given name, a thousand persons
are read from it before the index of words has listed them all.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, CharField, F, Func, Value

from directory.names.folded import (
    FAMILY_SIGN,
    FIRST_SIGN,
    GIVEN_SIGN,
    OTHER_SIGN,
)

ACADEMY_SIGN = "@"


class WordsVector(Func):
    """The words of two columns as a text search vector; empty words are left out."""

    template = "array_to_tsvector(array_remove(string_to_array(%(expressions)s, ' '), ''))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class GivenNames(Func):
    """The given names in a ``search_key``, each behind its sign: « +jean +claude ».

    Without any, the expression gives the other words: they begin with a letter, so that no look-up
    of a given name finds them.
    """

    template = (
        f"substr(split_part(%(expressions)s, ' {OTHER_SIGN}', 1),"
        f" strpos(%(expressions)s, ' {GIVEN_SIGN}') + 1)"
    )
    output_field = CharField()


class HasWords(Func):
    """Does a text search vector match a text search query?"""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def academy_word(authority_id: int) -> str:
    """The word of everybody affiliated in a school of this authority."""
    return f"{ACADEMY_SIGN}{authority_id}"


def has_beginnings(
    words: Iterable[str], academies: Iterable[int] = (), *, is_first: bool = True
) -> HasWords:
    """Some word begins with each of *words*; with *academies*, some school is of one of them.

    With *is_first* false, the first word of the family name does not count: the index of names
    finds it. Folded words hold only letters and digits behind one of our signs, so that nobody can
    type an operator of the query.
    """
    asked = [
        " | ".join(f"'{form}':*" for form in (forms_of(word) if is_first else _others_of(word)))
        for word in words
    ]
    asked += [" | ".join(f"'{academy_word(academy)}'" for academy in academies)]
    query = " & ".join(f"({either})" for either in asked if either)
    return HasWords(WordsVector(F("search_key"), F("academies")), Value(query))


def _others_of(word: str) -> list[str]:
    if word.startswith(FAMILY_SIGN):
        return [word]
    return [sign + word for sign in (FAMILY_SIGN, GIVEN_SIGN, OTHER_SIGN)]


def forms_of(word: str) -> list[str]:
    """The forms of a word in the index: a word of the family name is its first or another one."""
    if word.startswith(FAMILY_SIGN):
        return [word, word.replace(FAMILY_SIGN, FIRST_SIGN, 1)]
    return [word]
