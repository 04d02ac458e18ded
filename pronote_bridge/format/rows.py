"""What the reconciliation file holds, as plain values: no model, no database.

Names follow the vendor's schema (`rapprochementssoV2.0`), whose elements are French.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

#: Production files number the civilities so: 2 for M., 1 for Mme, 0 when it is not known.
CIVILITIES: Final = {0: "", 1: "Mme", 2: "M."}
MOST_ADDRESS_LINES: Final = 4


class Sex(Enum):
    """`Eleve/@Sexe`."""

    FEMALE = "Feminin"
    MALE = "Masculin"


@dataclass(frozen=True, slots=True)
class Address:
    """The postal address of a person or of a school; empty parts are not written."""

    lines: tuple[str, ...] = ()
    """At most four are written (`Adresse1` to `Adresse4`)."""
    postal_code: str = ""
    town: str = ""
    country: str = ""


#: Nothing is written of it.
NO_ADDRESS: Final = Address()


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One `Etablissement`."""

    ident: int
    uai: str
    name: str
    is_managed: bool = True
    """To be initialised in this Pronote base (`EtablissementsGeres`)."""
    address: Address = NO_ADDRESS


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What every person has: an unsigned number local to the file, names, the opaque identifier."""

    ident: int
    family_name: str
    given_name: str
    identifier: str
    """`ID_Partenaire`: the very value that Pronote gets at sign-in."""
    address: Address = NO_ADDRESS


@dataclass(frozen=True, slots=True)
class StaffRow(PersonRow):
    """One `Personnel`."""


@dataclass(frozen=True, slots=True)
class TeacherRow(PersonRow):
    """One `Professeur`."""

    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class GuardianRow(PersonRow):
    """One `Responsable`."""

    civility: int | None = None
    """A key of `CIVILITIES`, None to say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilRow(PersonRow):
    """One `Eleve`; without birth date somebody cannot stand in the file."""

    birth_date: date
    sex: Sex | None = None
    national_number: str = ""
    guardians: tuple[int, ...] = ()
    """Numbers of `GuardianRow` of the same file."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the root of both layers."""

    partner_id: str
    partner_name: str
    exported_at: datetime
    """Aware; written in seconds with its offset, the same instant in both layers."""
    uai: str
    """The school of the file, or the key school of a group."""
    version: str = ""
    """`ImportChiffre/@Version`, as the vendor says it."""
    description: str = ""

    @property
    def instant(self) -> str:
        """The instant of the export as `xs:dateTime`."""
        return self.exported_at.isoformat(timespec="seconds")
