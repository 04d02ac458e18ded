"""Filling tables that are empty: their indexes are built once, from sorted rows.

An index entry put in row by row costs several times its share of a build, and the widest tables
have seven indexes: on a first import that was half of the transaction. So while such a table is
filled its indexes are put aside, and built again before the transaction goes on; names,
definitions and constraints are read from the catalogue and are afterwards what they were.

That takes an exclusive lock: readers of these tables wait until the commit. Nobody waits but on
the first import of a portal, since a table that holds more than a handful of rows is left alone;
so is one that is in use, one that belongs to another role, and everything in polite mode. The
transaction brings old indexes back, should it end in any other way.

So is the trigger that keeps the academies of persons: those who are new come with theirs, and the
others are looked at afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import OperationalError, connection, transaction

if TYPE_CHECKING:
    from directory.imports.runs.state import ImportRun

FILL_FROM = 20_000
"""New persons from which it is worth it."""
EMPTY_BELOW = 1_000
"""Rows that a table of a new portal may hold: its administrators."""
_FILLED = (
    "directory_record",
    "directory_affiliation",
    "directory_membership",
    "directory_teaching",
    "directory_responsibility",
    "directory_person",
)
LOCK_TIMEOUT = "3s"
_INDEXES = """
SELECT x.indrelid::regclass::text, x.indexrelid::regclass::text, pg_get_indexdef(x.indexrelid),
    quote_ident(c.conname), pg_get_constraintdef(c.oid)
FROM pg_index x LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid AND c.contype = 'u'
WHERE x.indrelid = %s::regclass AND NOT x.indisprimary AND x.indisvalid
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid
                  AND k.contype NOT IN ('u'))
ORDER BY x.indexrelid
"""


_TRIGGERED = "directory_affiliation"
_TRIGGER = "affiliation_added"


@dataclass(frozen=True, slots=True)
class _Index:
    drop: str
    create: str


@contextmanager
def empty_tables_filled(run: ImportRun, *, is_allowed: bool) -> Iterator[None]:
    """Within: rows go into tables without indexes, if these were empty and nobody uses them."""
    indexes: list[_Index] = []
    is_trigger_aside = False
    if is_allowed and run.is_first and not run.polite and run.counters["created"] >= FILL_FROM:
        tables = [table for table in _tables(run) if _may_fill(table)]
        if tables and _lock(tables):
            for table in tables:
                indexes += _put_aside(table)
            is_trigger_aside = _TRIGGERED in tables
            if is_trigger_aside:
                _alter(f"DISABLE TRIGGER {_TRIGGER}")
    yield
    started = time.monotonic()
    if indexes:
        run.progress("Construction des index", 0, 0)
        with connection.cursor() as cursor:
            for index in indexes:
                cursor.execute(index.create)
    if is_trigger_aside:
        _alter(f"ENABLE ALWAYS TRIGGER {_TRIGGER}")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT directory_write_academies(ARRAY(SELECT id FROM {run.schema}.kept_person))"
            )
    run.note("Construction des index", started)


def _alter(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {_TRIGGERED} {change}")


def _tables(run: ImportRun) -> list[str]:
    tables = list(_FILLED)
    for contributor in run.contributors:
        tables += contributor.filled_tables
    return tables


def _may_fill(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT pg_has_role(c.relowner, 'USAGE') AND c.relkind = 'r' AND
                (SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {EMPTY_BELOW}) x) < {EMPTY_BELOW}
            FROM pg_class c WHERE c.oid = %s::regclass""",
            [table],
        )
        return bool(cursor.fetchone()[0])


def _lock(tables: list[str]) -> bool:
    """Take the tables for ourselves, unless somebody is at work in them."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError:  # no lock in time, or two that wait for each other
        return False
    return True


def _put_aside(table: str) -> list[_Index]:
    found: list[_Index] = []
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [table])
        for name_of_table, name, definition, constraint, constraint_definition in cursor.fetchall():
            if constraint:
                alter = f"ALTER TABLE {name_of_table}"
                index = _Index(
                    f"{alter} DROP CONSTRAINT {constraint}",
                    f"{alter} ADD CONSTRAINT {constraint} {constraint_definition}",
                )
            else:
                index = _Index(f"DROP INDEX {name}", definition)
            cursor.execute(index.drop)
            found.append(index)
    return found
