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

from accounts.perms import SECOND_FACTOR_ROLES
from directory.models import Person
from sso.enums import Refusal
from sso.models import Service, ServiceAudience
from sso.registry import catalogue

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
 WHERE person_id = %(person)s AND role = ANY(%(roles)s) AND withdrawn_at IS NULL
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
class Facts:
    """What a decision needs to know of somebody."""

    profile: str
    schools: frozenset[tuple[int, str]]
    groups: frozenset[int]
    granted: frozenset[int]
    must_use_second_factor: bool = False
    """Do the person's roles require one? Read here, so that a ticket costs no statement more."""


def may_open(person: Person, service: Service) -> Decision:
    """Decide for one person and one service (one statement; none for a closed service)."""
    today = timezone.localdate()
    if (closed := why_closed(service, today)) is not None:
        return Decision(closed)
    return decide(service, facts_of(person, today), today)


def services_for(person: Person) -> list[Service]:
    """Return the open services that the person may open, in the catalogue's order: one statement.

    They come from the catalogue in memory, with their addresses and audiences already read.
    """
    today = timezone.localdate()
    facts = facts_of(person, today)
    candidates = catalogue().worth_deciding(
        schools={school for school, _ in facts.schools}, groups=facts.groups, named=facts.granted
    )
    found = [service for service in candidates if decide(service, facts, today).is_allowed]
    return sorted(found, key=lambda service: (service.position, service.name, service.pk))


def why_closed(service: Service, today: date) -> Refusal | None:
    """Return why nobody at all opens the service today."""
    if not service.is_open:
        return Refusal.CLOSED
    if service.opens_on is not None and today < service.opens_on:
        return Refusal.NOT_YET
    if service.closes_on is not None and service.closes_on < today:
        return Refusal.OVER
    return None


def decide(service: Service, facts: Facts, today: date) -> Decision:
    """Decide from facts already read; no statement."""
    if (closed := why_closed(service, today)) is not None:
        return Decision(closed)
    if service.pk in facts.granted:
        return Decision()
    if any(_is_in(audience, facts) for audience in service.audiences.all()):
        return Decision()
    return Decision(Refusal.NOT_FOR_YOU)


def facts_of(person: Person, today: date) -> Facts:
    """Read the schools, classes and named rights of a person: one statement."""
    schools, groups, granted = set(), set(), set()
    has_strict_role = False
    values: dict[str, Any] = {
        "person": person.pk,
        "today": today,
        "roles": [role.value for role in SECOND_FACTOR_ROLES],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, values)
        for kind, number, profile in cursor.fetchall():
            if kind == "school":
                schools.add((number, profile))
            elif kind == "group":
                groups.add(number)
            elif kind == "role":
                has_strict_role = True
            else:
                granted.add(number)
    return Facts(
        profile=person.profile,
        schools=frozenset(schools),
        groups=frozenset(groups),
        granted=frozenset(granted),
        must_use_second_factor=has_strict_role,
    )


def _is_in(audience: ServiceAudience, facts: Facts) -> bool:
    """Does the population hold the person? In a school, their profile *there* counts."""
    if audience.group_id is not None and audience.group_id not in facts.groups:
        return False
    if audience.school_id is not None:
        return any(
            school == audience.school_id and audience.profile in {"", profile}
            for school, profile in facts.schools
        )
    return audience.profile in {"", facts.profile}
