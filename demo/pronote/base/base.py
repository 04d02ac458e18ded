"""The base in memory: people, what the ENT said of them, and how sign-in is delegated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from demo.pronote.base.people import EntPerson, Pairing, Person, Population


class PairingRefused(Exception):
    """The pairing would give one identifier to two people of a list; the message is for a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """The school of the base. Without a UAI a file of any school is taken."""

    uai: str = ""
    name: str = "Établissement"


@dataclass(slots=True, kw_only=True)
class Delegation:
    """The tab « Intégration dans un ENT »; everything begins as a new base has it."""

    ent: str = ""
    """Name in the list of ENTs; empty while sign-in is not delegated."""
    cas_base_url: str = ""
    """Without `/login`; empty: the address that the list of ENTs has."""
    endpoint: str = "serviceValidate"
    allows_direct: bool = False
    """« Autoriser l’authentification directe par Pronote.net »."""
    shows_identifiers: bool = False
    """« Activer la gestion des identifiants ENT »: the column in the lists."""
    hears_sign_out: bool = False
    """Ends a session when the ENT says that its sign-on ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """One file that was imported: when, of which instant (both ISO 8601), and what it gave."""

    imported_at: str
    exported_at: str
    partner: str
    people: int
    paired: int

    @property
    def imported_on(self) -> str:
        """When, as pages show it, in the time of this machine."""
        return _shown(self.imported_at)

    @property
    def exported_on(self) -> str:
        """When the ENT made the file."""
        return _shown(self.exported_at)


@dataclass(slots=True, kw_only=True)
class Base:
    """Everything that « Enregistrer » keeps."""

    school: School = field(default_factory=School)
    people: dict[int, Person] = field(default_factory=dict)
    known: dict[tuple[Population, str], EntPerson] = field(default_factory=dict)
    """Everybody whom a file named, as the latest file that holds them says."""
    delegation: Delegation = field(default_factory=Delegation)
    imports: list[ImportLine] = field(default_factory=list)
    _bearers: dict[tuple[Population, str], Person] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._bearers = {
            (one.population, one.identifier): one for one in self.people.values() if one.is_paired
        }

    def members(self, population: Population) -> list[Person]:
        """Return the people of a list, by name."""
        found = [one for one in self.people.values() if one.population is population]
        return sorted(found, key=lambda one: (one.name_key, one.number))

    def bearer(self, identifier: str, population: Population) -> Person | None:
        """Return who has this identifier in a list."""
        return self._bearers.get((population, identifier))

    def unpaired_known(self, population: Population) -> list[EntPerson]:
        """Return whom the ENT named in a list and nobody of the base is paired with."""
        return [
            one
            for key, one in self.known.items()
            if key[0] is population and key not in self._bearers
        ]

    def parents_of(self, number: int) -> list[Person]:
        """Return the guardians of a pupil, by name."""
        return [one for one in self.members(Population.GUARDIANS) if number in one.children]

    def children_of(self, guardian: Person) -> list[Person]:
        """Return the pupils of a guardian, by name."""
        return [one for one in self.members(Population.PUPILS) if one.number in guardian.children]

    def pair(self, person: Person, other: EntPerson, how: Pairing) -> None:
        """Give somebody of the base the identifier of somebody of the ENT."""
        bearer = self.bearer(other.identifier, person.population)
        if bearer is not None and bearer is not person:
            raise PairingRefused(f"{other.name} est déjà rapproché de {bearer.name}.")
        self.part(person)
        person.identifier, person.pairing = other.identifier, how
        self._bearers[person.population, other.identifier] = person

    def part(self, person: Person) -> None:
        """Take the identifier away again."""
        self._bearers.pop((person.population, person.identifier), None)
        person.identifier, person.pairing = "", Pairing.NONE


def _shown(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone():%d/%m/%Y à %H:%M}"
