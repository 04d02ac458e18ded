"""Activation codes of an import: drawn and sealed before anybody knows whose they will be.

A box is bound to the UUID of an account, and that UUID is drawn here with it; who gets the account
is decided later, by a number. So a first import seals beside the comparison, on a thread and a
connection of its own, while the main thread waits for PostgreSQL. Boxes that nobody gets go with
the staging schema.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection

from accounts.provisioning.statements import ACCOUNTS_SQL
from ent.database.connections import connection_parameters
from ent.database.copying import copy_lines
from ent.sealing.boxes import SealingBatch
from signin.one_time_codes import generate_codes, verifiers

FIRST_GENERATION = 1
BACKGROUND_FROM = 5_000
"""Fewer codes are sealed when their number is known: a thread would gain nothing."""
_BATCH = 10_000

SealProgress = Callable[[int], None]


def create_tables(schema: str) -> None:
    """``accounts_sealed``: the nth code, with the UUID of the account it is for."""
    with connection.cursor() as cursor:
        cursor.execute(_query(schema, "make_tables"))


def count_sealed(schema: str) -> int:
    """How many codes are ready."""
    with connection.cursor() as cursor:
        cursor.execute(_query(schema, "count_sealed"))
        return int(cursor.fetchone()[0])


def _query(schema: str, name: str) -> str:
    return ACCOUNTS_SQL.query("sealing", name, schema=schema)


def seal(own: Any, schema: str, *, first: int, count: int, progress: SealProgress) -> None:
    """Seal *count* codes numbered from *first*, under a batch of their own."""
    batch = SealingBatch.open_new()
    with own.cursor() as cursor:
        cursor.execute(_query(schema, "open_batch"), {"header": batch.header})
        (batch_id,) = cursor.fetchone()
    for start in range(first, first + count, _BATCH):
        progress(start - first)
        codes = list(generate_codes(min(_BATCH, first + count - start)))
        uuids = draw_uuids(len(codes))
        boxes = batch.seal_many(
            (code.encode("ascii"), uuid, FIRST_GENERATION)
            for code, uuid in zip(codes, uuids, strict=True)
        )
        marks = verifiers(
            (code, uuid, FIRST_GENERATION) for code, uuid in zip(codes, uuids, strict=True)
        )
        copy_lines(
            own,
            f"{schema}.accounts_sealed",
            [
                f"{nth}\t{uuid.hex}\t{batch_id}\t\\\\x{box.hex()}\t\\\\x{mark.hex()}"
                for nth, (uuid, box, mark) in enumerate(
                    zip(uuids, boxes, marks, strict=True), start=start
                )
            ],
        )


def draw_uuids(count: int) -> list[uuid.UUID]:
    """Random UUIDs (version 4), from one read of the system's source."""
    drawn = os.urandom(16 * count)
    return [uuid.UUID(bytes=drawn[at : at + 16], version=4) for at in range(0, 16 * count, 16)]


class BackgroundSealing:
    """Seals on a thread until :meth:`wait`; what went wrong there is raised here."""

    def __init__(self, schema: str, count: int) -> None:
        self._schema = schema
        self._count = count
        self._parameters = connection_parameters()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="sealing", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when everything is sealed."""
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            with psycopg.connect(**self._parameters, autocommit=True) as own:
                seal(own, self._schema, first=1, count=self._count, progress=lambda _done: None)
        except Exception as error:
            # Also when the run gave up and dropped the schema: then nobody waits any more.
            self._error = error
