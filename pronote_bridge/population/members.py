"""Everybody of an instance's file, list by list, as the dry reconciliation compares them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection, transaction

from pronote_bridge.enums import ListKind
from pronote_bridge.instances.models import Instance
from pronote_bridge.population.statements import SQL, parameters_of

_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in one list of the file; who stands in two lists comes twice."""

    person_id: int
    kind: ListKind
    family_name: str
    given_name: str
    birth_date: date | None
    identifier: str
    """What Pronote knows them by; empty until the first export or visit makes it."""
    class_names: tuple[str, ...]
    """Codes of a pupil's classes."""
    children_ids: tuple[int, ...]
    """`person_id` of a guardian's children who are in the file."""


def members_of(instance: Instance) -> Iterator[Member]:
    """Yield whoever an export of this moment would hold, by list then by name.

    One statement, so one state of the directory; rows come through a cursor of the server, in
    constant memory. The transaction lasts until the last row: read to the end, or close it.
    """
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(SQL.query("population", "members"), parameters_of(instance))
        while rows := cursor.fetchmany(_BATCH):
            for pk, kind, family, given, born, identifier, classes, children in rows:
                yield Member(
                    person_id=pk,
                    kind=ListKind(kind),
                    family_name=family,
                    given_name=given,
                    birth_date=born,
                    identifier=identifier,
                    class_names=tuple(classes),
                    children_ids=tuple(children),
                )
