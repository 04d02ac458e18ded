"""What to generate, and what was generated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum


class Layout(Enum):
    """Vintage of the files: what changes is the header and a few attributes."""

    VE1806 = "VE1806"
    VE2407 = "VE2407"


class Encoding(Enum):
    """How characters are written.

    ``REFERENCES`` declares UTF-8 and writes every character beyond ASCII as a reference, as
    most deliveries since 2018 do. In ISO-8859-15 what the encoding lacks becomes a reference.
    """

    LATIN9 = "iso-8859-15"
    UTF8 = "utf-8"
    REFERENCES = "references"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSpec:
    """One complete delivery of one authority. The same spec gives the same bytes."""

    seed: int = 1
    authority: str = "NANCY-METZ"
    schools: int = 3
    pupils_per_school: int = 300
    """Pupils whose family is attached to a school; siblings may attend the neighbour."""
    date: date = date(2026, 9, 1)
    degree: str = "2D"
    """« 1D »: nursery and elementary schools (`first_degree`)."""
    layout: Layout = Layout.VE1806
    encoding: Encoding = Encoding.LATIN9
    project: str = "ENT2DVA-DEMO"
    chunk_size: int = 20_000
    """Records per file; the rule of the real deliveries is unknown."""
    other_structures: int = 20
    """Structures that are listed without classes: rectorat, inspections, orientation centres."""
    nomenclatures: bool = True
    """Write the MEF and subject files, which real deliveries often lack."""
    hard_cases: bool = False
    """Add to the first college the families that a reconciliation stumbles over (`hard_cases`)."""
    mutate: float = 0.0
    """Share of the records of the same spec that differ: changed, left, moved, arrived."""

    @classmethod
    def of_persons(
        cls, persons: int, *, pupils_per_school: int = 900, **rest: object
    ) -> GeneratorSpec:
        """A spec of about that many people: pupils, parents and staff together."""
        schools = max(1, round(persons / (pupils_per_school * PERSONS_PER_PUPIL)))
        return cls(schools=schools, pupils_per_school=pupils_per_school, **rest)  # type: ignore[arg-type]


PERSONS_PER_PUPIL = 2.77
"""Pupil, parents and contacts, and a tenth of a member of staff."""


@dataclass(slots=True)
class SchoolTruth:
    """What one school must show after an import."""

    uai: str
    name: str
    pupils: int = 0
    staff: int = 0
    """People with a function there, « - » included."""
    classes: int = 0
    groups: int = 0


@dataclass(slots=True)
class Examples:
    """Join ids of a few people who are worth meeting; at most ten of each."""

    two_school_parents: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    homonyms: list[str] = field(default_factory=list)
    two_school_teachers: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    departed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def keep(examples: list[str], join_id: int) -> None:
    """Remember an example while there is room: memory must not grow with the delivery."""
    if len(examples) < 10:
        examples.append(str(join_id))


@dataclass(slots=True)
class DeliveryTruth:
    """Counters kept while generating, for import tests to compare with."""

    authority: str = ""
    files: list[str] = field(default_factory=list)
    schools: dict[str, SchoolTruth] = field(default_factory=dict)
    structures: int = 0
    pupils: int = 0
    pupils_without_responsible: int = 0
    pupils_without_class: int = 0
    parents: int = 0
    """All PersRelEleve records, whatever they become."""
    parents_with_account: int = 0
    """Humans referred to at responsibility level 1 by at least one pupil."""
    contacts: int = 0
    """The other PersRelEleve: they stay contacts, organisations included."""
    organisations: int = 0
    links: int = 0
    legal_links: int = 0
    """Of responsibility level 1, to a human."""
    staff: int = 0
    staff_with_account: int = 0
    """With an attachment or a function: the others must not become accounts."""
    two_school_staff: int = 0
    heads: int = 0
    form_teachers: int = 0
    """Pairs of a teacher and the class that they are in charge of."""
    class_memberships: int = 0
    """Pairs of a pupil and a class."""
    group_memberships: int = 0
    teachings: int = 0
    """Distinct (teacher, class or group, subject)."""
    classes: int = 0
    groups: int = 0
    mefs: int = 0
    subjects: int = 0
    """In the subject file; one more is taught without standing there."""
    homonyms: int = 0
    """Pupils made on purpose with the names of another pupil."""
    records_changed: int = 0
    records_departed: int = 0
    records_arrived: int = 0
    pupils_moved: int = 0
    examples: Examples = field(default_factory=Examples)

    @property
    def persons(self) -> int:
        """All records of people."""
        return self.pupils + self.parents + self.staff

    @property
    def accounts(self) -> int:
        """Accounts that an import into an empty directory must make."""
        return self.pupils + self.parents_with_account + self.staff_with_account

    @property
    def records(self) -> int:
        """All objects of all files."""
        return self.persons + self.structures + self.mefs + self.subjects
