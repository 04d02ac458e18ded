"""« Mes services »: the services of others that the signed-in person may open (R-G2).

`sso.catalogue.access` decides, the very function that decides at the ticket: a tile that shows
opens, and a tile that does not would be refused. Whatever the number of services it costs one
statement, and a second one that asks whether the catalogue changed. Tiles that another room draws
(Pronote) come first, at the price that it says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.http import HttpRequest

from directory.enums import Profile
from directory.models import Person, School
from ent.pages.icons import PATHS
from ent.pages.names import calm_name
from sso.catalogue.access import AccessFacts, opens_through_school, services_for
from sso.catalogue.tiles import ServiceTile, drawn_tiles
from sso.enums import RequiredStrength
from sso.models import Service

_STRENGTH_WORDS = {
    RequiredStrength.KEY: "Demande votre clé de sécurité OTP.",
    RequiredStrength.TOTP: "Demande votre second facteur.",
}


def service_tiles(
    request: HttpRequest,
    person: Person,
    schools: Sequence[School],
    active: Profile | None,
    *,
    without: Collection[int],
) -> tuple[list[ServiceTile], list[ServiceTile]]:
    """Return the tiles of *person*: those that come first on the page, and the others.

    Both in the catalogue's order; a service without entry has none. *schools* are the person's own:
    with several, a school's service says whose it is. *active* is the profile in which they are
    now. *without*: the services that stand in a child's block already.
    """
    names_school = len({school.pk for school in schools}) > 1
    services = _services_of(request, person)
    drawn = _drawn(request, person, active)
    first = [tile for service in services for tile in drawn.get(service.pk, ())]
    others = [
        _tile(service, names_school=names_school)
        for service in services
        if service.home_url and service.pk not in drawn and service.pk not in without
    ]
    return first, others


def tiles_through(
    request: HttpRequest, person: Person, school: School, groups: frozenset[int]
) -> dict[int, ServiceTile]:
    """Return what *person* opens because of a child's school or class, by the service's key."""
    facts = AccessFacts(
        profile=person.profile,
        schools=frozenset({(school.pk, Profile.GUARDIAN.value)}),
        groups=groups,
    )
    services = _services_of(request, person)
    drawn = _drawn(request, person, Profile.GUARDIAN)  # these stand first on the page
    return {
        service.pk: _tile(service, names_school=False)
        for service in services
        if service.home_url and service.pk not in drawn and opens_through_school(service, facts)
    }


def _drawn(
    request: HttpRequest, person: Person, active: Profile | None
) -> dict[int, Sequence[ServiceTile]]:
    """Return the tiles that other rooms draw, read once per request and profile."""
    known: dict[Profile | None, dict[int, Sequence[ServiceTile]]]
    known = getattr(request, "_portal_drawn_tiles", {})
    if active not in known:
        known[active] = drawn_tiles(person, _services_of(request, person), active)
        request._portal_drawn_tiles = known  # type: ignore[attr-defined]  # noqa: SLF001
    return known[active]


def _services_of(request: HttpRequest, person: Person) -> list[Service]:
    """Return the services that *person* may open, read once per request."""
    known: list[Service] | None = getattr(request, "_portal_services", None)
    if known is None:
        known = list(services_for(person))
        request._portal_services = known  # type: ignore[attr-defined]  # noqa: SLF001
    return known


def _tile(service: Service, *, names_school: bool) -> ServiceTile:
    return ServiceTile(
        title=service.name,
        words=_words_of(service, names_school=names_school),
        icon=service.icon if service.icon in PATHS else "external",
        href=service.home_url,
    )


def _words_of(service: Service, *, names_school: bool) -> str:
    parts = [service.description]
    if names_school and service.school is not None:
        parts.append(calm_name(service.school.name))
    parts.append(_STRENGTH_WORDS.get(RequiredStrength(service.required_strength), ""))
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)
