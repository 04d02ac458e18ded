"""The schools of an actor's reach, counted together; kept some minutes when they are many."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.utils import timezone

from credentials.dashboard.counting import (
    Counts,
    count_by_profile,
    count_by_school,
    people_counted,
    total_of,
)
from credentials.dashboard.evolution import Evolution, evolution_of
from credentials.dashboard.filters import Filters
from credentials.dashboard.links import mailing_address, slips_address
from credentials.perms import schools_with_files_of, schools_with_slips_of
from directory.enums import Profile
from directory.models import School
from directory.rights.actors import Actor
from directory.rights.acts import Act, Scope
from directory.rights.walls import visible_schools

KEPT_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Overview:
    """All schools of a reach: together (each person once), one by one, and over time."""

    total: Counts
    profiles: Mapping[Profile, Counts]
    schools: Mapping[int, Mapping[Profile, Counts]]
    evolution: Evolution
    counted_at: datetime
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One school of the list."""

    school: School
    counts: Counts
    slips_href: str
    mailing_href: str


def overview_of(actor: Actor, filters: Filters) -> Overview:
    """Count the schools of *actor*: three statements.

    Over a portal or an authority they read every account (seconds, at a million): those numbers
    are kept five minutes, and the page says from when they are. The key holds the actor and their
    roles in force, so that a role that is withdrawn finds nothing.
    """
    if not _is_wide(actor):
        return _count(actor, filters)
    asked = f"{actor!r}|{filters.cache_key}|{timezone.localdate()}"
    key = f"activation:{hashlib.sha256(asked.encode()).hexdigest()}"
    known = cache.get(key)
    if isinstance(known, Overview):
        return known
    counted = _count(actor, filters)
    cache.set(key, replace(counted, is_kept=True), KEPT_SECONDS)
    return counted


def _is_wide(actor: Actor) -> bool:
    wide = (Scope.PORTAL, Scope.AUTHORITY)
    return any(reach.scope in wide for reach in actor.reaches(Act.SLIPS))


def _count(actor: Actor, filters: Filters) -> Overview:
    schools = schools_with_slips_of(actor).order_by()
    people = people_counted(actor, schools).filter(filters.people)
    profiles = count_by_profile(people)
    return Overview(
        total=total_of(profiles),
        profiles=profiles,
        schools=count_by_school(people, schools),
        evolution=evolution_of(people, pace=filters.pace, today=timezone.localdate()),
        counted_at=timezone.now(),
    )


_ORDERS: Final[Mapping[str, Callable[[SchoolRow], tuple[int, ...]]]] = {
    "comptes": lambda row: (row.counts.total,),
    "actives": lambda row: (row.counts.percent, row.counts.active),
    "remis": lambda row: (row.counts.handed,),
    "a-remettre": lambda row: (row.counts.waiting,),
    "bloques": lambda row: (row.counts.blocked,),
}


def school_rows(actor: Actor, overview: Overview, filters: Filters) -> list[SchoolRow]:
    """Return the schools that the filters keep, sorted as asked, else by name; three statements.

    A form teacher's school is there with the numbers of their classes; its own page leads on.
    """
    found = schools_with_slips_of(actor).filter(filters.schools).in_name_order()
    whole = set(visible_schools(actor, Act.SLIPS).values_list("pk", flat=True))
    mailed = set(schools_with_files_of(actor).values_list("pk", flat=True))
    rows = [
        SchoolRow(
            school=school,
            counts=total_of(profiles),
            slips_href=slips_address(school, profiles, filters=filters)
            if school.pk in whole
            else "",
            mailing_href=mailing_address(school, profiles, filters=filters)
            if school.pk in mailed
            else "",
        )
        for school in found
        for profiles in [overview.schools.get(school.pk, {})]
    ]
    sort = filters.sort
    order = _ORDERS.get(sort.removeprefix("-"))
    if order is not None:
        rows.sort(key=order, reverse=sort.startswith("-"))
    elif sort == "-nom":
        rows.reverse()
    return rows
