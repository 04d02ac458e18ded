"""References of a bulk insert: checked set-wise instead of once per row.

PostgreSQL checks a foreign key row by row, in a queue that it holds in memory until the end of the
transaction: for a million people that is a third of the whole import. Here the same promise is
kept with a few joins:

* rows that the new ones refer to and that existed before are locked ``FOR KEY SHARE``, in id
  order, exactly as the per-row check would (nobody can delete them until we commit);
* every reference of every inserted row is verified by an anti-join before the commit; one that
  does not resolve ends the transaction (:class:`~directory.imports.extension.StaleStaging`).

The per-row triggers are put aside (``session_replication_role``) for the inserts of new rows only.
That needs a right that a managed database may refuse; then the ordinary checks run, slower.
Unique, check and not-null constraints are never put aside.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from directory.imports.extension import StaleStaging, contributors

if TYPE_CHECKING:
    from directory.imports.runs import ImportRun


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows inserted from the staging table *source* refer to *target* by *column*."""

    source: str
    column: str
    target: str
    where: str = "true"


_REFERENCES = (
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

_LOCKS = (
    """SELECT count(*) FROM (SELECT 1 FROM directory_authority WHERE id = %(authority)s
        FOR KEY SHARE) x""",
    """SELECT count(*) FROM (SELECT 1 FROM directory_school WHERE id IN (
            SELECT school_id FROM {s}.add_affiliation UNION SELECT school_id FROM {s}.p_group
            UNION SELECT main_school_id FROM {s}.p_person)
        ORDER BY id FOR KEY SHARE) x""",
    """SELECT count(*) FROM (SELECT 1 FROM directory_group WHERE id IN (
            SELECT group_id FROM {s}.p_group WHERE NOT is_new)
        ORDER BY id FOR KEY SHARE) x""",
    """SELECT count(*) FROM (SELECT 1 FROM directory_subject WHERE id IN (
            SELECT subject_id FROM {s}.p_subject WHERE NOT is_new)
        ORDER BY id FOR KEY SHARE) x""",
    """SELECT count(*) FROM (SELECT 1 FROM directory_person WHERE id IN (
            SELECT person_id FROM {s}.add_affiliation UNION SELECT person_id FROM {s}.add_membership
            UNION SELECT person_id FROM {s}.add_teaching UNION SELECT guardian_id FROM {s}.add_link
            UNION SELECT pupil_id FROM {s}.add_link
            UNION SELECT person_id FROM {s}.account_wanted)
        ORDER BY id FOR KEY SHARE) x""",
)
"""Run before anything is inserted, so that only rows that existed are met."""


class BulkReferences:
    """The references of one run; :meth:`verify` must be called before the block ends."""

    def __init__(self, run: ImportRun, *, is_fast: bool) -> None:
        self._run = run
        self._is_fast = is_fast

    def verify(self) -> None:
        """Check every reference of the inserted rows, or raise :class:`StaleStaging`."""
        if not self._is_fast:
            return
        run = self._run
        run.progress("Vérification des liens", 0, 0)
        started = time.monotonic()
        references = list(_REFERENCES)
        for contributor in contributors():
            references += getattr(contributor, "references", ())
        with connection.cursor() as cursor:
            for reference in references:
                cursor.execute(
                    f"""SELECT EXISTS (SELECT 1 FROM {run.schema}.{reference.source} s
                    LEFT JOIN {reference.target} t ON t.id = s.{reference.column}
                    WHERE s.{reference.column} IS NOT NULL AND t.id IS NULL
                      AND ({reference.where}))"""
                )
                if cursor.fetchone()[0]:
                    raise StaleStaging(f"{reference.source}.{reference.column}")
        run.note("Vérification des liens", started)


def may_set_aside_triggers() -> bool:
    """Has our database role the right to put per-row checks aside?"""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT rolsuper OR (current_setting('server_version_num')::int >= 150000
                AND has_parameter_privilege('session_replication_role', 'SET'))
            FROM pg_roles WHERE rolname = current_user"""
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def bulk_references(run: ImportRun) -> Iterator[BulkReferences]:
    """Within: inserts are not checked row by row; the caller verifies before the end."""
    is_fast = may_set_aside_triggers()
    with connection.cursor() as cursor:
        if is_fast:
            for lock in _LOCKS:
                cursor.execute(lock.replace("{s}", run.schema), run.parameters())
            cursor.execute("SET LOCAL session_replication_role = replica")
    yield BulkReferences(run, is_fast=is_fast)
    if is_fast:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
