"""« Mes services »: the services of others that the signed-in person may open (R-G2).

`sso.access` decides, the very function that decides at the ticket: a tile that shows opens, and a
tile that does not would be refused. Whatever the number of services it costs one statement, and a
second one that asks whether the catalogue changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.models import Person, School
from ent.pages.icons import PATHS
from ent.pages.names import calm_name
from sso.access import services_for
from sso.enums import RequiredStrength
from sso.models import Service

_STRENGTH_WORDS = {
    RequiredStrength.KEY: "Demande votre clé de sécurité OTP.",
    RequiredStrength.TOTP: "Demande votre second facteur.",
}


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """One service that somebody may open, at its own entry address."""

    title: str
    words: str
    icon: str
    href: str


def service_tiles(person: Person, schools: Sequence[School]) -> list[ServiceTile]:
    """Return the tiles of *person*, in the catalogue's order; a service without entry has none.

    *schools* are the person's own: with several, a school's service says whose it is.
    """
    names_school = len({school.pk for school in schools}) > 1
    return [
        ServiceTile(
            title=service.name,
            words=_words_of(service, names_school=names_school),
            icon=service.icon if service.icon in PATHS else "external",
            href=service.home_url,
        )
        for service in services_for(person)
        if service.home_url
    ]


def _words_of(service: Service, *, names_school: bool) -> str:
    parts = [service.description]
    if names_school and service.school is not None:
        parts.append(calm_name(service.school.name))
    parts.append(_STRENGTH_WORDS.get(RequiredStrength(service.required_strength), ""))
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)
