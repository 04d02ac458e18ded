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

from ent.audit.enums import Act
from ent.audit.services import record_many

if TYPE_CHECKING:
    from directory.imports.runs.state import ImportRun


def end_roles(run: ImportRun) -> None:
    """End them within the caller's transaction, after the links and classes have changed."""
    ended: dict[tuple[str, str, str], list[UUID]] = {}
    with connection.cursor() as cursor:
        for query in ("of_persons", "of_classes"):
            cursor.execute(run.query("end_roles", query))
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
