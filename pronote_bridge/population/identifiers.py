"""Everybody of a file has their identifier before the file is made: the very row of `cas:user`."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from pronote_bridge.instances.models import Instance
from pronote_bridge.population.statements import SQL, parameters_of
from sso.release.identifiers import identifiers_for

_BATCH: Final = 5_000


@transaction.atomic
def make_identifiers(instance: Instance) -> int:
    """Make the identifiers that are missing in the instance's service; return how many.

    Done before the snapshot and in a transaction of its own: under REPEATABLE READ an insertion
    that meets somebody's first visit would fail.
    """
    count = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(SQL.query("population", "missing identifiers"), parameters_of(instance))
        while rows := cursor.fetchmany(_BATCH):
            ids = [pk for (pk,) in rows]
            identifiers_for(person_ids=ids, service_id=instance.service_id)
            count += len(ids)
    return count
