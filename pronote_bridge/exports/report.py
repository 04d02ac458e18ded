"""The report before an export: who is left out and why, who will not match alone, what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db import connection

from directory.models import School
from ent.pages.names import calm_given_name
from pronote_bridge.enums import LeftOut, ListKind, ReportPart
from pronote_bridge.exports.models import Export
from pronote_bridge.instances.models import Instance, InstanceSchool
from pronote_bridge.population.statements import FRAGMENTS, folder, parameters_of

# Of a group, whoever administers one school reads the names of that school only (R-J3).
_SEEN: Final = """(%(is_whole)s OR EXISTS (
    SELECT FROM directory_affiliation place
     WHERE place.person_id = told.id AND place.school_id = ANY(%(seen)s::bigint[])))"""
_SQL: Final = folder(Path(__file__).parent / "sql", {**FRAGMENTS, "seen": _SEEN})
Part = LeftOut | ReportPart


#: What one person of a list is called.
_ONE_OF: Final = {
    ListKind.STAFF: "personnel",
    ListKind.TEACHERS: "professeur",
    ListKind.GUARDIANS: "responsable",
    ListKind.PUPILS: "élève",
}


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the report, in the list in which they stand or would stand."""

    kind: ListKind
    family_name: str
    given_name: str
    birth_date: date | None

    @property
    def word(self) -> str:
        """What they are in that list."""
        return _ONE_OF[self.kind]

    @property
    def shown_given_name(self) -> str:
        """The given name as one writes it; the file keeps the feed's capitals."""
        return calm_given_name(self.given_name)


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that the report has to say, and of whom; nobody is left unnamed."""

    part: Part
    people: tuple[Named, ...]

    @property
    def code(self) -> str:
        """What names the section in an address."""
        return str(self.part.value)

    @property
    def label(self) -> str:
        """Its title."""
        return str(self.part.label)


@dataclass(frozen=True, slots=True)
class Report:
    """What an export of this moment would hold, leave out and change."""

    counts: Mapping[ListKind, int]
    left_out: tuple[Section, ...]
    notes: tuple[Section, ...]
    base: Export | None

    @property
    def total(self) -> int:
        """How many lines of persons the file would hold."""
        return sum(self.counts.values())

    @property
    def left_out_count(self) -> int:
        """How many lines of persons it would not."""
        return sum(len(section.people) for section in self.left_out)

    def section(self, code: str) -> Section | None:
        """The section of that name, None when there is nothing to say of it."""
        return next((one for one in (*self.left_out, *self.notes) if one.code == code), None)


def report_of(instance: Instance, *, seen: Iterable[School], base: Export | None) -> Report:
    """Read the report; *seen* are the schools of the actor, whose people are counted and named."""
    schools = set(instance.schools)
    seen = set(seen)
    own = schools.intersection(seen)
    parted = _parted(instance, schools | seen)
    parameters = {
        **parameters_of(instance),
        "seen": [school.pk for school in own],
        "is_whole": own == schools,
        "base": base.pk if base is not None else None,
        "parted": [row.school_id for row in parted],
        "is_of_own_only": base is not None and any(_was_there(row, base) for row in parted),
    }
    found: dict[str, list[Named]] = defaultdict(list)
    for part, kind, *named in _rows("report", parameters):
        found[part].append(Named(ListKind(kind), *named))
    counts = {ListKind(kind): count for kind, count in _rows("counts", parameters)}
    return Report(
        counts={kind: counts.get(kind, 0) for kind in ListKind},
        left_out=_sections(LeftOut, found),
        notes=_sections(ReportPart, found),
        base=base,
    )


def _parted(instance: Instance, schools: Iterable[School]) -> list[InstanceSchool]:
    """When each school left that is neither of today's nor the actor's: its people are not told."""
    rows = instance.memberships.filter(left_at__isnull=False)
    return list(rows.exclude(school__in=schools))


def _was_there(row: InstanceSchool, base: Export) -> bool:
    """Did the school leave after this export, which then holds its people?"""
    return row.left_at is not None and row.left_at > base.shown_at


def _rows(query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL.query("report", query), parameters)
        return list(cursor.fetchall())


def _sections(
    parts: type[LeftOut] | type[ReportPart], found: Mapping[str, list[Named]]
) -> tuple[Section, ...]:
    return tuple(Section(part, tuple(found[part.value])) for part in parts if part.value in found)
