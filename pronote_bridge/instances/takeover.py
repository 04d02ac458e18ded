"""Which service an instance takes over, and whose identifier that changes.

Pronote knows everybody by their identifier in one service. When schools join or part, or an
instance is made again, one service is chosen: identifiers move into it, except where somebody has
another one there already, or belongs to a school that keeps the former service, even one that waits
for its next instance. These are named before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet

from directory.models import Affiliation, Person, School
from directory.models.persons import PersonQuerySet
from pronote_bridge.instances.models import Instance, InstanceSchool
from signin.realms import current_realm
from sso.models import Service, ServiceIdentifier
from sso.release.identifiers import carry_identifiers

_HOSTED = ".index-education.net"
#: « Pronote », « PRONOTE 2026 », « Pronote du collège », « Mon Pronote », « Notre Pronote ».
_CALLED_PRONOTE = r"^\s*((mon|notre|le)\s+)?pronote(\s+(net|\d+|d[ue]s?|de\s.*|d[’']).*)?\s*$"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service that these schools may take over."""

    service: Service
    known: int
    """How many people have their identifier in it."""


def candidates_for(schools: Sequence[School], *, instance: Instance | None) -> list[Candidate]:
    """Services of these schools that hold, or may hold, what Pronote knows; the fullest first.

    *instance* is the one that changes, None for a new one. A service that a group goes on using
    without these schools is none.
    """
    found = Service.objects.of_realm(current_realm()).filter(
        Q(pk__in=_former(schools)) | _registered_by(schools)
    )
    elsewhere = InstanceSchool.objects.current().exclude(school__in=schools)
    if instance is not None:
        elsewhere = elsewhere.exclude(instance=instance)
    held = elsewhere.values("instance__service")
    counts = (
        ServiceIdentifier.objects.filter(is_current=True, service__in=found)
        .values_list("service")
        .annotate(known=Count("pk"))
        .order_by()
    )
    known = dict(counts)
    candidates = [
        Candidate(service, known.get(service.pk, 0))
        for service in found.exclude(pk__in=held).distinct()
    ]
    return sorted(candidates, key=lambda one: (-one.known, one.service.pk))


def known_otherwise(schools: Sequence[School], *, into: Service | None) -> PersonQuerySet:
    """Who of these schools will have another identifier than the one that Pronote may know.

    *into* is the chosen service, None for a new one.
    """
    keys = []
    kept = [into] if into is not None else []
    for source in sources_of(schools, into=into):
        changes = Q(pk__in=_affiliated(_staying(source, schools)))
        changes |= Q(pk__in=_known_in(*kept))
        kept.append(source)
        keys.append(Q(pk__in=_affiliated(schools)) & Q(pk__in=_known_in(source)) & changes)
    return Person.objects.filter(reduce(or_, keys)) if keys else Person.objects.none()


def carry_over(schools: Sequence[School], *, into: Service, sources: Iterable[Service]) -> int:
    """Move identifiers into the chosen service; return how many moved.

    *sources* were read before memberships changed (`sources_of`). People who left every school
    follow, unless an instance goes on with the source: they may come back to it.
    """
    moved = 0
    for source in sources:
        held = ServiceIdentifier.objects.filter(service=source, is_current=True)
        staying = _staying(source, schools)
        if staying:
            held = held.exclude(person__in=_affiliated(staying))
        if Instance.objects.current().filter(service=source).exists():
            held = held.filter(person__in=_affiliated(schools))
        ids = list(held.values_list("person_id", flat=True))
        moved += carry_identifiers(person_ids=ids, from_service=source.pk, to_service=into.pk)
    return moved


def sources_of(schools: Sequence[School], *, into: Service | None) -> list[Service]:
    """The services by which Pronote may know people of these schools, the chosen one apart.

    Those of instances come first: who is known in several keeps the identifier of the first.
    """
    former = Service.objects.filter(pk__in=_former(schools)).order_by("pk")
    registered = Service.objects.of_realm(current_realm()).filter(_registered_by(schools))
    used = Instance.objects.current().values("service")
    free = registered.exclude(pk__in=used).distinct().order_by("pk")
    found = dict.fromkeys([*former, *free])
    return [service for service in found if service != into]


def _former(schools: Sequence[School]) -> list[int]:
    """Services of all instances that ever served one of these schools."""
    rows = InstanceSchool.objects.filter(school__in=schools)
    return list(rows.values_list("instance__service", flat=True).distinct())


def _registered_by(schools: Sequence[School]) -> Q:
    """A service that one of these schools registered for Pronote before it had an instance.

    It is called Pronote, or its address is that of one. « Aide Pronote » speaks of Pronote: its
    identifiers are none that Pronote knows.
    """
    return Q(school__in=schools) & (
        Q(name__iregex=_CALLED_PRONOTE)
        | Q(addresses__host__endswith=_HOSTED)
        | Q(addresses__host__istartswith="pronote")
        | Q(addresses__path_prefix__istartswith="/pronote")
    )


def _staying(source: Service, schools: Sequence[School]) -> list[int]:
    """Schools that go on with this service without these ones, or whose identifiers wait in it."""
    rows = InstanceSchool.objects.last_of_schools().filter(instance__service=source)
    return list(rows.exclude(school__in=schools).values_list("school_id", flat=True))


def _known_in(*services: Service) -> QuerySet[Any, Any]:
    return ServiceIdentifier.objects.filter(service__in=services, is_current=True).values("person")


def _affiliated(schools: Iterable[School | int]) -> QuerySet[Any, Any]:
    return Affiliation.objects.filter(school__in=list(schools)).values("person")
