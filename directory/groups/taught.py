"""The classes and groups that a person teaches, and what is shown of them (« Mes classes »).

The feed says who teaches what: no role is needed, and none is given by it. A teacher reads names
and states of accounts; birth dates, addresses and parents stay with those who have a role.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from directory.enums import AccessState, MembershipRole
from directory.models.groups import Group, GroupQuerySet, Membership, Teaching
from directory.models.persons import Person, PersonQuerySet

_TEACHES = (MembershipRole.TEACHER, MembershipRole.MAIN_TEACHER)
_PUPILS = Q(memberships__role=MembershipRole.PUPIL, memberships__person__left_at__isnull=True)


@dataclass(frozen=True, slots=True)
class TaughtGroup:
    """A class or group with the subjects taught there, and how many pupils have come in."""

    group: Group
    subjects: Sequence[str]
    is_main_teacher: bool
    pupil_count: int
    active_count: int


def taught_groups(person: Person) -> GroupQuerySet:
    """Return the present classes and groups of open schools where *person* teaches."""
    members = Membership.objects.filter(person=person, role__in=_TEACHES)
    teachings = Teaching.objects.filter(person=person)
    return Group.objects.filter(
        Q(pk__in=members.values("group")) | Q(pk__in=teachings.values("group")),
        is_present=True,
        school__is_active=True,
    )


def describe_taught(person: Person) -> list[TaughtGroup]:
    """List them, one's own class as main teacher first; four statements whatever their number."""
    groups = taught_groups(person).select_related("school")
    groups = groups.order_by("kind", "sort_key", "code", "pk")
    counts = {pk: numbers for pk, *numbers in _counted(groups)}
    own = Membership.objects.filter(person=person, role=MembershipRole.MAIN_TEACHER)
    own_ids = set(own.values_list("group", flat=True))
    subjects: dict[int, list[str]] = defaultdict(list)
    for teaching in Teaching.objects.filter(person=person).select_related("subject"):
        subjects[teaching.group_id].append(teaching.subject.shown_label)
    found = [
        TaughtGroup(
            group=group,
            subjects=sorted(set(subjects[group.pk])),
            is_main_teacher=group.pk in own_ids,
            pupil_count=counts[group.pk][0],
            active_count=counts[group.pk][1],
        )
        for group in groups
    ]
    return sorted(found, key=lambda one: not one.is_main_teacher)


def _counted(groups: GroupQuerySet) -> Iterable[tuple[int, int, int]]:
    """Return each group with how many pupils it has, and how many of them have come in."""
    active = _PUPILS & Q(memberships__person__access_state=AccessState.ACTIVE)
    counted = groups.annotate(
        pupil_count=Count("memberships__person", filter=_PUPILS, distinct=True),
        active_count=Count("memberships__person", filter=active, distinct=True),
    )
    return counted.values_list("pk", "pupil_count", "active_count")


def pupils_of(group: Group) -> PersonQuerySet:
    """Return the pupils who are there now, by name."""
    return (
        Person.objects.filter(
            memberships__group=group,
            memberships__role=MembershipRole.PUPIL,
            left_at__isnull=True,
        )
        .distinct()
        .in_name_order()
    )
