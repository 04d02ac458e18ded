"""The spaces, and who may enter which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from demo.pronote.base.base import Base
from demo.pronote.base.people import Person, Population


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """One page by which people come in: `<code>.html`, `mobile.<code>.html` on a phone."""

    code: str
    name: str
    population: Population
    owner: str
    """Whose space it is, within a sentence."""


SPACES: Final = {
    space.code: space
    for space in (
        Space(
            code="direction",
            name="Espace Direction",
            population=Population.STAFF,
            owner="la direction",
        ),
        Space(
            code="viescolaire",
            name="Espace Vie scolaire",
            population=Population.STAFF,
            owner="la vie scolaire",
        ),
        Space(
            code="professeur",
            name="Espace Professeurs",
            population=Population.TEACHERS,
            owner="les professeurs",
        ),
        Space(
            code="parent",
            name="Espace Parents",
            population=Population.GUARDIANS,
            owner="les parents",
        ),
        Space(code="eleve", name="Espace Élèves", population=Population.PUPILS, owner="les élèves"),
    )
}
_SPACE_OF_LIST: Final = {
    Population.TEACHERS: "professeur",
    Population.GUARDIANS: "parent",
    Population.PUPILS: "eleve",
}


def spaces_of(person: Person) -> list[Space]:
    """Return where somebody may enter."""
    if person.population is Population.STAFF:
        return [SPACES[code] for code in person.spaces or ["viescolaire"] if code in SPACES]
    return [SPACES[_SPACE_OF_LIST[person.population]]]


def visitor(base: Base, space: Space, identifier: str) -> Person | None:
    """Return who enters a space with an identifier of the ENT, None when it is not theirs."""
    person = base.bearer(identifier, space.population)
    return person if person is not None and space in spaces_of(person) else None


def spaces_of_identifier(base: Base, identifier: str) -> list[Space]:
    """Return every space that an identifier opens; none when nobody bears it."""
    people = (base.bearer(identifier, population) for population in Population)
    return [space for one in people if one is not None for space in spaces_of(one)]
