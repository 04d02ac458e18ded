"""References of a bulk insert: proven set-wise instead of once per row.

PostgreSQL checks a foreign key row by row, in a queue that it holds in memory until the end of the
transaction: for a million people that is a third of the whole import. Here the same promise is
kept with a few statements:

* a person whom the new rows refer to is either one that this run creates, or stands in the staging
  table ``kept_person`` (made by :func:`find_kept_persons` before the transaction: whoever is
  referred to and not new). The transaction locks these ``FOR KEY SHARE``, in id order, exactly as
  the per-row check would (nobody can delete them until we commit), and counts them: one that is
  missing ends the transaction (:class:`~directory.imports.contributors.StaleStaging`), and so does
  a new person who was not inserted;
* the other references, to far fewer rows, are locked in the same way and verified by an anti-join
  before the commit.

The per-row triggers are put aside (``session_replication_role``) for the inserts of new rows only.
That needs a right that a managed database may refuse; then the ordinary checks run, slower.
Unique, check and not-null constraints are never put aside.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

from directory.imports.contributors import Reference, StaleStaging
from directory.imports.sql.loader import for_schema

if TYPE_CHECKING:
    from directory.imports.runs.state import ImportRun


REFERENCES = (
    Reference("p_group", "school_id", "directory_school", "is_new"),
    Reference("p_person", "main_school_id", "directory_school", "is_new"),
    Reference("p_person", "person_id", "directory_person", "record_id IS NULL"),
    Reference("add_affiliation", "school_id", "directory_school"),
    Reference("add_affiliation", "person_id", "directory_person"),
    Reference("add_membership", "group_id", "directory_group"),
    Reference("add_membership", "person_id", "directory_person"),
    Reference("add_teaching", "group_id", "directory_group"),
    Reference("add_teaching", "person_id", "directory_person"),
    Reference("add_teaching", "subject_id", "directory_subject"),
    Reference("add_link", "guardian_id", "directory_person"),
    Reference("add_link", "pupil_id", "directory_person"),
)

_LOCKS = ("lock_authority", "lock_schools", "lock_groups", "lock_subjects")
"""Queries run before anything is inserted, so that only rows that existed are met."""


def all_references(run: ImportRun) -> list[Reference]:
    """Ours and those of the rooms that take part."""
    references = list(REFERENCES)
    for contributor in run.contributors:
        references += contributor.references
    return references


def find_kept_persons(run: ImportRun) -> None:
    """Make ``kept_person``: whom the new rows refer to and this run does not create."""
    started = time.monotonic()
    schema = run.schema
    sources = " UNION ALL ".join(
        f"SELECT {reference.column} AS id FROM {schema}.{reference.source} WHERE {reference.where}"
        for reference in all_references(run)
        if reference.target == "directory_person"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {schema}.kept_person")
        cursor.execute(
            for_schema(
                f"""CREATE UNLOGGED TABLE {schema}.kept_person AS
                SELECT DISTINCT r.id FROM ({sources}) r
                WHERE r.id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM {schema}.p_person n WHERE n.is_new AND n.person_id = r.id)""",
                schema=schema,
            )
        )
        cursor.execute(f"ANALYZE {schema}.kept_person")
    run.note("Vérification des liens", started)


class BulkReferences:
    """The references of one run; :meth:`verify` must be called before the block ends."""

    def __init__(self, run: ImportRun, *, is_fast: bool) -> None:
        self._run = run
        self.is_fast = is_fast
        """Are the row by row checks put aside?"""

    def verify(self) -> None:
        """Check every reference of the inserted rows, or raise :class:`StaleStaging`."""
        if not self.is_fast:
            return
        run = self._run
        run.progress("Vérification des liens", 0, 0)
        started = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {run.schema}.p_person WHERE is_new")
            if cursor.fetchone()[0] != run.numbers["persons_created"]:
                raise StaleStaging("p_person")
            # Counted, not EXISTS: for one row the planner would probe an index row by row.
            cursor.execute(
                " UNION ALL ".join(
                    f"""SELECT '{reference.source}.{reference.column}', count(*)
                    FROM {run.schema}.{reference.source} s
                    LEFT JOIN {reference.target} t ON t.id = s.{reference.column}
                    WHERE s.{reference.column} IS NOT NULL AND t.id IS NULL
                      AND ({reference.where})"""
                    for reference in all_references(run)
                    # New persons are inserted, kept ones locked.
                    if reference.target != "directory_person"
                )
            )
            for name, missing in cursor.fetchall():
                if missing:
                    raise StaleStaging(name)
        run.note("Vérification des liens", started)


def may_set_aside_triggers() -> bool:
    """May our database role put per-row checks aside, by the function that its owner may run?"""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT has_function_privilege(f.oid, 'EXECUTE') AND (
                owner.rolsuper OR (current_setting('server_version_num')::int >= 150000 AND
                has_parameter_privilege(owner.oid, 'session_replication_role', 'SET')))
            FROM pg_proc f JOIN pg_roles owner ON owner.oid = f.proowner
            WHERE f.oid = 'directory_put_checks_aside(boolean)'::regprocedure"""
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def bulk_references(run: ImportRun) -> Iterator[BulkReferences]:
    """Within: inserts are not checked row by row; the caller verifies before the end."""
    is_fast = may_set_aside_triggers()
    with connection.cursor() as cursor:
        if is_fast:
            for lock in _LOCKS:
                cursor.execute(run.query("references", lock), run.parameters())
            cursor.execute(f"SELECT count(*) FROM {run.schema}.kept_person")
            (expected,) = cursor.fetchone()
            cursor.execute(run.query("references", "lock_persons"))
            if cursor.fetchone()[0] != expected:
                raise StaleStaging("kept_person")
            cursor.execute("SELECT directory_put_checks_aside(true)")
    yield BulkReferences(run, is_fast=is_fast)
    if is_fast:
        with connection.cursor() as cursor:
            cursor.execute("SELECT directory_put_checks_aside(false)")
