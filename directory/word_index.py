"""The index of words: each word of a person as it is, found by its beginning.

Its words are those of ``search_key`` (:mod:`directory.folded_names`) and ``@3`` for each authority
in one of whose schools the person is affiliated (``Person.academies``, kept by the database
itself). PostgreSQL's parser of texts has no part in it: a sign stays a sign.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Func, Value

ACADEMY_SIGN = "@"


class WordsVector(Func):
    """The words of two columns of words; what stands between two spaces is none."""

    template = "array_to_tsvector(array_remove(string_to_array(%(expressions)s, ' '), ''))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class HasWords(Func):
    """Does a vector of words answer to a query of words?"""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def academy_word(authority_id: int) -> str:
    """The word of everybody affiliated in a school of this authority."""
    return f"{ACADEMY_SIGN}{authority_id}"


def has_beginnings(words: Iterable[str], academies: Iterable[int] = ()) -> HasWords:
    """Some word begins with each of *words*, and some school is of one of *academies*, if given.

    Folded words hold letters and digits only, behind a sign of ours at most: nothing of the
    language of queries can be typed.
    """
    asked = [f"'{word}':*" for word in words]
    if either := " | ".join(f"'{academy_word(academy)}'" for academy in academies):
        asked.append(f"({either})")
    return HasWords(WordsVector(F("search_key"), F("academies")), Value(" & ".join(asked)))
