"""Counts beside an entry: « 12 fichiers », « plus de 1 000 comptes », one cheap statement each."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from ent.pages.french import number_words

#: A count goes no further: nobody reads the difference, and counting a portal takes seconds.
MOST_COUNTED: Final = 1_000


def count_capped(rows: QuerySet[Any]) -> int:
    """Count up to one more than ``MOST_COUNTED``."""
    return rows.order_by()[: MOST_COUNTED + 1].count()


def count_words(count: int) -> str:
    """« 12 », « plus de 1 000 »."""
    if count > MOST_COUNTED:
        return f"plus de\u00a0{number_words(MOST_COUNTED)}"
    return number_words(count)


def figure(count: int, one: str, many: str, *, none: str = "") -> str:
    """« Aucun compte », « 1 compte », « Plus de 1 000 comptes »: as they stand alone.

    *one* and *many* follow the number; *none* is the sentence when there is nothing (« Aucun » and
    *one*, unless it is given).
    """
    if not count:
        return none or f"Aucun {one}"
    words = f"{count_words(count)}\u00a0{one if count == 1 else many}"
    return words[0].upper() + words[1:]
