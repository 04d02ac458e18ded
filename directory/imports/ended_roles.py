"""Roles given by hand that end with the place they were given for (decision 0026).

Whoever gave a role to a teacher *of this school* did not give it to a teacher of another one. When
an import takes a person out of a school, or out of the directory, their roles there end in the same
transaction, with a journal event; so do the form-teacher roles of a class that disappears. The rows
stay, withdrawn by nobody. Roles of an authority or of the portal hold in no school and stay, and so
does a role in a school to which the holder never belonged: somebody gave it knowing that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from directory.imports.steps import Step
from ent.audit.enums import Act
from ent.audit.services import record_many

if TYPE_CHECKING:
    from directory.imports.runs import ImportRun

_BY_HAND = """directory_rolegrant r LEFT JOIN directory_group g ON g.id = r.group_id
    WHERE r.source = 'saisie' AND r.withdrawn_at IS NULL"""
_SCHOOL = "coalesce(r.school_id, g.school_id)"

FIND = [
    Step(
        "Rôles donnés à la main",
        """CREATE UNLOGGED TABLE {s}.removed_affiliation AS
        SELECT a.id, a.person_id, a.school_id FROM directory_affiliation a
        JOIN {s}.del_affiliation d ON d.id = a.id
        UNION
        SELECT a.id, a.person_id, a.school_id FROM directory_affiliation a
        JOIN {s}.partly p ON p.person_id = a.person_id
        JOIN {s}.covered c ON c.school_id = a.school_id WHERE a.source = 'flux'""",
    ),
    Step("Rôles donnés à la main", "CREATE INDEX ON {s}.removed_affiliation (person_id)"),
    Step("Rôles donnés à la main", "ANALYZE {s}.removed_affiliation"),
    Step(
        "Rôles donnés à la main",
        f"""CREATE UNLOGGED TABLE {{s}}.ended_role AS
        SELECT r.id, 'left' AS reason FROM {_BY_HAND} AND {_SCHOOL} IS NOT NULL
          AND r.person_id IN (SELECT person_id FROM {{s}}.leaving)
        UNION
        SELECT r.id, 'moved' FROM {_BY_HAND}
          AND EXISTS (SELECT 1 FROM {{s}}.removed_affiliation x
              WHERE x.person_id = r.person_id AND x.school_id = {_SCHOOL})
          AND NOT EXISTS (SELECT 1 FROM directory_affiliation a
              WHERE a.person_id = r.person_id AND a.school_id = {_SCHOOL}
                AND NOT EXISTS (SELECT 1 FROM {{s}}.removed_affiliation x WHERE x.id = a.id))
          AND NOT EXISTS (SELECT 1 FROM {{s}}.add_affiliation n
              WHERE n.person_id = r.person_id AND n.school_id = {_SCHOOL})""",
    ),
]
"""Run when every difference is known, before the transaction."""

_END = """
UPDATE directory_rolegrant x SET withdrawn_at = now() FROM (
    SELECT r.id, e.reason, r.role, p.uuid, s.uai FROM directory_rolegrant r
    JOIN ({ended}) e ON e.id = r.id
    JOIN directory_person p ON p.id = r.person_id
    LEFT JOIN directory_group g ON g.id = r.group_id
    JOIN directory_school s ON s.id = coalesce(r.school_id, g.school_id)
    WHERE r.withdrawn_at IS NULL ORDER BY r.id FOR UPDATE OF r) y
WHERE x.id = y.id RETURNING y.reason, y.role, y.uai, y.uuid
"""
_OF_PEOPLE = "SELECT id, reason FROM {s}.ended_role"
_OF_CLASSES = """
SELECT r.id, 'class-closed' AS reason FROM directory_rolegrant r
JOIN directory_group g ON g.id = r.group_id AND NOT g.is_present
WHERE r.source = 'saisie' AND r.withdrawn_at IS NULL
  AND g.school_id IN (SELECT school_id FROM {s}.p_school)
"""


def end_roles(run: ImportRun) -> None:
    """End them within the caller's transaction, after the links and classes have changed."""
    ended: dict[tuple[str, str, str], list[UUID]] = {}
    with connection.cursor() as cursor:
        for which in (_OF_PEOPLE, _OF_CLASSES):
            cursor.execute(_END.replace("{ended}", which).replace("{s}", run.schema))
            for reason, role, uai, person in cursor.fetchall():
                ended.setdefault((reason, role, uai), []).append(person)
    run.counters["roles_ended"] = sum(len(people) for people in ended.values())
    for (reason, role, uai), people in sorted(ended.items()):
        _record(run, people, reason=reason, role=role, uai=uai)


def _record(run: ImportRun, people: Iterable[UUID], *, reason: str, role: str, uai: str) -> None:
    record_many(
        act=Act.ROLE_WITHDRAWN,
        subjects=people,
        actor=run.actor,
        school_uai=uai,
        authority_code=run.authority.code,
        details={"role": role, "reason": reason, "delivery": run.delivery.uuid},
    )
