"""Whom the base holds, and whom the ENT's files named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from demo.pronote.base.folding import fold


class Population(Enum):
    """A list of people; the value stands in addresses and in the file of the base."""

    STAFF = "personnels"
    TEACHERS = "professeurs"
    GUARDIANS = "responsables"
    PUPILS = "eleves"

    @property
    def label(self) -> str:
        """The name of its list, on pages."""
        return {
            Population.STAFF: "Personnels",
            Population.TEACHERS: "Professeurs",
            Population.GUARDIANS: "Responsables",
            Population.PUPILS: "Élèves",
        }[self]

    @property
    def singular(self) -> str:
        """What one of them is, within a sentence."""
        return {
            Population.STAFF: "personnel",
            Population.TEACHERS: "professeur",
            Population.GUARDIANS: "responsable",
            Population.PUPILS: "élève",
        }[self]


class Pairing(Enum):
    """How somebody got their identifier of the ENT."""

    NONE = ""
    AUTOMATIC = "automatique"
    BY_HAND = "manuel"


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody of the school's own base, in one list; a teacher with children stands twice."""

    number: int
    population: Population
    family_name: str
    given_name: str
    birth_date: date | None = None
    class_name: str = ""
    function: str = ""
    children: list[int] = field(default_factory=list)
    """Numbers of pupils; of guardians only."""
    spaces: list[str] = field(default_factory=list)
    """Spaces of a member of staff (`direction`, `viescolaire`); others have that of their list."""
    login: str = ""
    """For the direct sign-in; nobody signs in so without a password."""
    password: str = ""
    identifier: str = ""
    """« Identifiant CAS »: empty until the person is paired."""
    pairing: Pairing = Pairing.NONE

    @property
    def name(self) -> str:
        """Family name, then given name, as lists show people."""
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def born_on(self) -> str:
        """The birth date as DD/MM/YYYY, "" when it is not known."""
        return f"{self.birth_date:%d/%m/%Y}" if self.birth_date else ""

    @property
    def name_key(self) -> tuple[str, str]:
        """What names are compared by."""
        return fold(self.family_name), fold(self.given_name)

    @property
    def is_paired(self) -> bool:
        """Does the ENT's identifier stand in its column?"""
        return bool(self.identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntPerson:
    """Somebody whom a file of the ENT named, in one of its lists."""

    population: Population
    identifier: str
    family_name: str
    given_name: str
    birth_date: date | None = None
    guardians: tuple[str, ...] = ()
    """Identifiers in the list of guardians; of pupils only."""

    @property
    def name(self) -> str:
        """Family name, then given name."""
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def born_on(self) -> str:
        """The birth date as DD/MM/YYYY, "" when it is not known."""
        return f"{self.birth_date:%d/%m/%Y}" if self.birth_date else ""

    @property
    def name_key(self) -> tuple[str, str]:
        """What names are compared by."""
        return fold(self.family_name), fold(self.given_name)
