"""One school: by profile, by class, over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from credentials.choice.forms import PROFILE_PLURALS
from credentials.dashboard.counting import (
    NOBODY,
    Counts,
    classes_with_counts,
    count_by_profile,
    people_counted,
    total_of,
)
from credentials.dashboard.evolution import Evolution, evolution_of
from credentials.dashboard.links import mailing_address, slips_address
from credentials.enums import Pace
from credentials.perms import schools_with_files_of
from directory.enums import Profile
from directory.models import Group, School
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_schools


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """The accounts of one profile."""

    label: str
    counts: Counts
    slips_href: str
    mailing_href: str


@dataclass(frozen=True, slots=True)
class ClassRow:
    """The accounts of a class's pupils and of their parents."""

    group: Group
    pupils: Counts
    parents: Counts
    slips_href: str
    mailing_href: str

    @property
    def counts(self) -> Counts:
        """Pupils and parents together."""
        return self.pupils + self.parents


@dataclass(frozen=True, slots=True)
class SchoolActivation:
    """What the page of a school shows, within the actor's reach."""

    school: School
    total: Counts
    profiles: Sequence[ProfileRow]
    classes: Sequence[ClassRow]
    evolution: Evolution
    slips_href: str
    mailing_href: str
    #: False for a form teacher, who sees their classes.
    is_whole: bool


_ORDERS: Final[Mapping[str, Callable[[ClassRow], tuple[int, ...]]]] = {
    "comptes": lambda row: (row.counts.total,),
    "eleves": lambda row: (row.pupils.percent, row.pupils.active),
    "parents": lambda row: (row.parents.percent, row.parents.active),
    "remis": lambda row: (row.counts.handed,),
    "a-remettre": lambda row: (row.counts.waiting,),
    "bloques": lambda row: (row.counts.blocked,),
}


def activation_of(school: School, *, actor: Actor, pace: Pace, sort: str) -> SchoolActivation:
    """Count one school; seven statements, whatever the number of classes."""
    people = people_counted(actor, [school.pk])
    profiles = count_by_profile(people)
    classes = classes_with_counts(people, school=school, actor=actor)
    is_whole = visible_schools(actor, Act.SLIPS).filter(pk=school.pk).exists()
    groups = () if is_whole else [group for group, _ in classes]
    can_mail = schools_with_files_of(actor).filter(pk=school.pk).exists()
    return SchoolActivation(
        school=school,
        total=total_of(profiles),
        profiles=[
            ProfileRow(
                label=PROFILE_PLURALS[profile],
                counts=counts,
                slips_href=slips_address(school, {profile: counts}, groups=groups),
                mailing_href=mailing_address(school, {profile: counts}) if can_mail else "",
            )
            for profile, counts in profiles.items()
        ],
        classes=_sorted([_class_row(school, *found, can_mail=can_mail) for found in classes], sort),
        evolution=evolution_of(people, pace=pace, today=timezone.localdate()),
        slips_href=slips_address(school, profiles, groups=groups),
        mailing_href=mailing_address(school, profiles) if can_mail else "",
        is_whole=is_whole,
    )


def _class_row(
    school: School, group: Group, profiles: Mapping[Profile, Counts], *, can_mail: bool
) -> ClassRow:
    parents = profiles.get(Profile.GUARDIAN, NOBODY)
    others: dict[Profile, Counts] = {
        key: counts for key, counts in profiles.items() if key != Profile.GUARDIAN
    }
    return ClassRow(
        group=group,
        pupils=total_of(others),
        parents=parents,
        slips_href=slips_address(school, profiles, groups=[group]),
        mailing_href=mailing_address(school, profiles, groups=[group]) if can_mail else "",
    )


def _sorted(rows: list[ClassRow], sort: str) -> list[ClassRow]:
    order = _ORDERS.get(sort.removeprefix("-"))
    if order is not None:
        rows.sort(key=order, reverse=sort.startswith("-"))
    elif sort == "-nom":
        rows.reverse()
    return rows
