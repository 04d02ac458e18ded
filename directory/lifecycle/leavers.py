"""Who left and is not erased yet, and since when the three months run (R-D5).

They run from the end of the last presence: the departure from the feed, or a role that ended later.
A role in force keeps its holder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from directory.lifecycle.dates import (
    TOLD_DAYS,
    erasure_day,
    last_end_erased_by,
    start_of_day,
)
from directory.models.persons import Person, PersonQuerySet
from directory.models.roles import RoleGrant
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_persons


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who left, with the day of their erasure; none while a role is in force."""

    person: Person
    left_on: date
    erased_on: date | None

    @property
    def days_left(self) -> int | None:
        """Days until the erasure, 0 on its day or when it is late."""
        if self.erased_on is None:
            return None
        return max(0, (self.erased_on - timezone.localdate()).days)


def visible_leavers(actor: Actor) -> PersonQuerySet:
    """Return whoever left among those whom the actor may restore."""
    return visible_persons(actor, Act.LIFE_CYCLE).filter(left_at__isnull=False)


def erased_by(day: date) -> Q:
    """Return the condition on persons that their erasure day has come by *day*."""
    after = last_end_erased_by(day) + timedelta(days=1)
    is_open = Q(withdrawn_at__isnull=True, expires_on__isnull=True)
    ended_later = Q(withdrawn_at__gte=start_of_day(after)) | Q(
        withdrawn_at__isnull=True, expires_on__gte=after
    )
    roles = RoleGrant.objects.filter(is_open | ended_later, person=OuterRef("pk"))
    return Q(left_at__lt=start_of_day(after)) & ~Q(Exists(roles))


def due_this_week(today: date) -> Q:
    """Return the condition on persons that they are erased within the coming week."""
    return erased_by(today + timedelta(days=TOLD_DAYS))


def describe_leavers(persons: list[Person]) -> list[Leaver]:
    """Add the days to persons who left, in two statements whatever their number."""
    ends: dict[int, date | None] = {}
    for person in persons:
        assert person.left_at is not None  # noqa: S101 - the caller's condition
        ends[person.pk] = timezone.localdate(person.left_at)
    for role in RoleGrant.objects.filter(person__in=persons):
        known, ended = ends[role.person_id], _end_of(role)
        ends[role.person_id] = None if known is None or ended is None else max(known, ended)
    return [_leaver(person, ends[person.pk]) for person in persons]


def _leaver(person: Person, ended_on: date | None) -> Leaver:
    assert person.left_at is not None  # noqa: S101 - the caller's condition
    return Leaver(
        person=person,
        left_on=timezone.localdate(person.left_at),
        erased_on=None if ended_on is None else erasure_day(ended_on),
    )


def _end_of(role: RoleGrant) -> date | None:
    """Return the last day of a role, none while it is in force without a date."""
    if role.withdrawn_at is not None:
        return timezone.localdate(role.withdrawn_at)
    return role.expires_on
