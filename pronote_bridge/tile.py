"""Pronote among « Mes services »: first, in the right space, one click (R-B8, R-H1).

Whoever was in no downloaded export yet reads before the click that Pronote may not know them; the
ticket is given all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Value

from directory.enums import Profile
from directory.models import Affiliation, Person, School
from directory.schools.contacts import contact_of
from ent.pages.names import calm_name
from pronote_bridge.enums import Space
from pronote_bridge.exports.models import ExportedPerson
from pronote_bridge.instances.models import Instance, InstanceSchool
from pronote_bridge.spaces import PROFILE_SPACES, space_of
from sso.catalogue.tiles import ServiceTile
from sso.models import Service

#: Somebody without a space of their own: the home of Pronote opens.
NO_SPACE: Final[tuple[Space | None, ...]] = (None,)
_UNKNOWN: Final = (
    "Pronote ne vous connaît peut-être pas encore\u00a0: s’il ne s’ouvre pas, demandez à "
)


@dataclass(slots=True)
class _Served:
    """One instance and the schools of the person that it serves."""

    instance: Instance
    schools: set[int] = field(default_factory=set)


def pronote_tiles(
    person: Person, services: Sequence[Service], active: Profile | None
) -> Mapping[int, Sequence[ServiceTile]]:
    """Draw the tiles of Pronote services: three statements, one without such a service."""
    served = _instances_of(services)
    if not served:
        return {}
    schools = [school for one in served.values() for school in one.schools]
    places = _places_of(person, schools)
    known = _known_services(person, served)
    names = {service.pk: service for service in services}
    return {
        key: _tiles_of(one, names[key], places, active, is_known=key in known)
        for key, one in served.items()
    }


def _instances_of(services: Sequence[Service]) -> dict[int, _Served]:
    rows = InstanceSchool.objects.current().filter(
        instance__service__in=[service.pk for service in services]
    )
    found: dict[int, _Served] = {}
    for row in rows.select_related("instance__key_school"):
        one = found.setdefault(row.instance.service_id, _Served(row.instance))
        one.schools.add(row.school_id)
    return found


def _places_of(person: Person, schools: Iterable[int]) -> dict[int, set[Space | None]]:
    """The spaces of a person in each school: by their functions there, and as a parent."""
    keys = list(schools)
    own = Affiliation.objects.filter(person=person, school__in=keys)
    children = Affiliation.objects.filter(
        person__guardian_links__guardian=person,
        person__guardian_links__is_legal=True,
        profile=Profile.PUPIL,
        school__in=keys,
    ).annotate(parent=Value(Profile.GUARDIAN.value), no_function=Value(""))
    rows = (
        own.order_by()
        .values_list("school_id", "profile", "function_code")
        .union(children.order_by().values_list("school_id", "parent", "no_function"))
    )
    found: dict[int, set[Space | None]] = defaultdict(set)
    for school, profile, function in rows:
        found[school].add(space_of(Profile(profile), function))
    return found


def _known_services(person: Person, services: Iterable[int]) -> set[int]:
    """The services of which a file that held this person was downloaded."""
    rows = ExportedPerson.objects.filter(
        person=person, export__service__in=list(services), export__downloaded_at__isnull=False
    )
    return set(rows.values_list("export__service", flat=True))


def _tiles_of(
    served: _Served,
    service: Service,
    places: Mapping[int, set[Space | None]],
    active: Profile | None,
    *,
    is_known: bool,
) -> list[ServiceTile]:
    spaces = {space for school in served.schools for space in places.get(school, ())}
    first = PROFILE_SPACES.get(active) if active is not None else None
    ordered = [one for one in Space if one in spaces]
    ordered.sort(key=lambda one: one != first)
    notice = "" if is_known else f"{_UNKNOWN}{_whom_to_ask(served.instance.key_school)}."
    return [
        ServiceTile(
            title=service.name if len(ordered) < 2 else f"{service.name}, {_entry(space)}",
            words=service.description,
            icon="calendar",
            href=_href(served.instance, space),
            notice=notice,
        )
        for space in ordered or NO_SPACE
    ]


def _entry(space: Space | None) -> str:
    return f"espace {space.label}" if space is not None else ""


def _href(instance: Instance, space: Space | None) -> str:
    return f"{instance.address}/{space.value}.html" if space is not None else f"{instance.address}/"


def _whom_to_ask(school: School) -> str:
    contact = contact_of(school)
    reached = f" ({contact.phone})" if contact.phone else ""
    return f"votre établissement, «\u00a0{calm_name(school.name)}\u00a0»{reached}"
