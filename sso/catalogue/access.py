"""Who may open which service: decided at the ticket and by the tiles, in one place (R-G2).

The service must be open today; then somebody of its « Accès population », or named in its « Accès
utilisateur », may open it. Whatever the number of services, the person's facts are one statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from directory.models import Person
from ent.text.folding import fold
from sso.catalogue.models import Service
from sso.catalogue.registry import catalogue
from sso.enums import Refusal

# Schools come from affiliations (parents' through their children), classes from memberships, a
# parent's from those of the children whom they legally answer for.
_FACTS = """
SELECT 'school', school_id, profile FROM directory_affiliation WHERE person_id = %(person)s
UNION ALL
SELECT 'group', group_id, '' FROM directory_membership WHERE person_id = %(person)s
UNION ALL
SELECT 'group', m.group_id, '' FROM directory_responsibility r
  JOIN directory_membership m ON m.person_id = r.pupil_id
 WHERE r.guardian_id = %(person)s AND r.is_legal
UNION ALL
SELECT 'role', 0, role FROM directory_rolegrant
 WHERE person_id = %(person)s AND withdrawn_at IS NULL
   AND (expires_on IS NULL OR expires_on >= %(today)s)
UNION ALL
SELECT 'service', service_id, '' FROM sso_servicegrant
 WHERE person_id = %(person)s AND withdrawn_at IS NULL
   AND (expires_on IS NULL OR expires_on >= %(today)s)
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """May the service be opened, and if not, why (`Refusal.label` is for the refusal page)."""

    reason: Refusal | None = None

    @property
    def is_allowed(self) -> bool:
        """Yes, when there is no reason against it."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """What a decision needs to know of somebody."""

    profile: str = ""
    schools: frozenset[tuple[int, str]] = frozenset()
    """(key of the school, profile there)."""
    groups: frozenset[int] = frozenset()
    granted: frozenset[int] = frozenset()
    """Keys of the services that name the person."""
    roles: frozenset[str] = frozenset()
    """The person's roles in force: a forced step may hang on them (`SsoPolicy`)."""


def may_open(person: Person, service: Service) -> Decision:
    """Decide for one person and one service (one statement; none for a closed service)."""
    today = timezone.localdate()
    if (closed := why_closed(service, today)) is not None:
        return Decision(closed)
    return decide(service, access_facts(person), today)


def services_for(person: Person) -> list[Service]:
    """Return the open services that the person may open, in the catalogue's order: one statement.

    They come from the catalogue in memory, with their addresses and audiences already read.
    """
    today = timezone.localdate()
    facts = access_facts(person)
    candidates = catalogue().worth_deciding(
        schools={school for school, _ in facts.schools}, groups=facts.groups, named=facts.granted
    )
    found = [service for service in candidates if decide(service, facts, today).is_allowed]
    return sorted(found, key=lambda service: (service.position, fold(service.name), service.pk))


def why_closed(service: Service, today: date) -> Refusal | None:
    """Return why nobody at all opens the service today."""
    if not service.is_open:
        return Refusal.CLOSED
    if service.opens_on is not None and today < service.opens_on:
        return Refusal.NOT_YET
    if service.closes_on is not None and service.closes_on < today:
        return Refusal.OVER
    return None


def decide(service: Service, facts: AccessFacts, today: date) -> Decision:
    """Decide from facts already read; no statement."""
    if (closed := why_closed(service, today)) is not None:
        return Decision(closed)
    if service.pk in facts.granted:
        return Decision()
    if any(_is_in(audience, facts) for audience in service.details.audiences):
        return Decision()
    return Decision(Refusal.NOT_FOR_YOU)


def opens_through_school(service: Service, facts: AccessFacts) -> bool:
    """Does a population of a school or of a class open the service, beyond what opens to all?"""
    return any(
        _is_in(audience, facts)
        for audience in service.details.audiences
        if audience.school_id is not None or audience.group_id is not None
    )


def access_facts(person: Person | None) -> AccessFacts:
    """Read the schools, classes, roles and named rights of a person: one statement.

    Somebody without a person opens what is open to everybody.
    """
    if person is None:
        return AccessFacts()
    schools, groups, granted, roles = set(), set(), set(), set()
    values: dict[str, Any] = {"person": person.pk, "today": timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, values)
        for kind, number, word in cursor.fetchall():
            if kind == "school":
                schools.add((number, word))
            elif kind == "group":
                groups.add(number)
            elif kind == "role":
                roles.add(word)
            else:
                granted.add(number)
    return AccessFacts(
        profile=person.profile,
        schools=frozenset(schools),
        groups=frozenset(groups),
        granted=frozenset(granted),
        roles=frozenset(roles),
    )


def _is_in(audience: Any, facts: AccessFacts) -> bool:
    """Does the population hold the person? In a school, their profile *there* counts."""
    if audience.group_id is not None and audience.group_id not in facts.groups:
        return False
    if audience.school_id is not None:
        return any(
            school == audience.school_id and audience.profile in {"", profile}
            for school, profile in facts.schools
        )
    return audience.profile in {"", facts.profile}
