"""The index of words: each word of a person as it is, found by its beginning.

Its words are those of ``search_key`` (:mod:`directory.folded_names`) and ``@3`` for each authority
in one of whose schools the person is affiliated (``Person.academies``, kept by the database
itself). PostgreSQL's parser of texts has no part in it: a sign stays a sign.

Beside it an index of given names, in their order: a frequent one is met there a thousand times
before its list would be made.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, CharField, F, Func, Value

from directory.folded_names import FAMILY_SIGN, FIRST_SIGN, GIVEN_SIGN, OTHER_SIGN

ACADEMY_SIGN = "@"


class WordsVector(Func):
    """The words of two columns of words; what stands between two spaces is none."""

    template = "array_to_tsvector(array_remove(string_to_array(%(expressions)s, ' '), ''))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class GivenNames(Func):
    """The given names in a ``search_key``, each behind its sign: « +jean +claude ».

    Of whoever has none, the other words: they begin with a letter, so no range of signs holds them.
    """

    template = (
        f"substr(split_part(%(expressions)s, ' {OTHER_SIGN}', 1),"
        f" strpos(%(expressions)s, ' {GIVEN_SIGN}') + 1)"
    )
    output_field = CharField()


class HasWords(Func):
    """Does a vector of words answer to a query of words?"""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def academy_word(authority_id: int) -> str:
    """The word of everybody affiliated in a school of this authority."""
    return f"{ACADEMY_SIGN}{authority_id}"


def has_beginnings(
    words: Iterable[str], academies: Iterable[int] = (), *, is_first: bool = True
) -> HasWords:
    """Some word begins with each of *words*, and some school is of one of *academies*, if given.

    Not *is_first*: a word that is not the first of the family name, which the index of names finds.
    Folded words hold letters and digits only, behind a sign of ours at most: nothing of the
    language of queries can be typed.
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
    """How a word is written: one of the family name is its first, or another."""
    if word.startswith(FAMILY_SIGN):
        return [word, word.replace(FAMILY_SIGN, FIRST_SIGN, 1)]
    return [word]
