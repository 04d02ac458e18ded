"""Figures of schools, counted by a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from directory.enums import AccessState, GroupKind, Profile
from directory.models.groups import Group
from directory.models.persons import Affiliation, PersonQuerySet
from directory.models.schools import School

_STATES = (AccessState.PENDING, AccessState.ACTIVE, AccessState.BLOCKED)


@dataclass(frozen=True, slots=True)
class ProfileCount:
    """How many people of one profile, by state of their account."""

    profile: Profile
    total: int
    pending: int
    active: int
    blocked: int
    leaving: int
    without_account: int


def count_by_profile_and_state(persons: PersonQuerySet) -> list[ProfileCount]:
    """Count *persons* by profile and state; one statement."""
    stays = Q(left_at__isnull=True)
    rows: Iterable[Any] = (
        persons.order_by()
        .values("profile")
        .annotate(
            total=Count("pk"),
            leaving=Count("pk", filter=~stays),
            **{
                name: Count("pk", filter=stays & Q(access_state=state))
                for name, state in (
                    ("pending", AccessState.PENDING),
                    ("active", AccessState.ACTIVE),
                    ("blocked", AccessState.BLOCKED),
                    ("without_account", AccessState.NONE),
                )
            },
        )
    )
    counts = [ProfileCount(**{**row, "profile": Profile(row["profile"])}) for row in rows]
    order = list(Profile)
    return sorted(counts, key=lambda count: order.index(count.profile))


def counts_of_schools(schools: Sequence[School]) -> list[dict[str, Any]]:
    """Pupils, parents, staff and activated accounts of each school; two statements."""
    people: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counted = (
        Affiliation.objects.filter(school__in=schools, person__left_at__isnull=True)
        .order_by()
        .values_list("school", "profile", "person__access_state")
        .annotate(number=Count("person", distinct=True))
    )
    for school_id, profile, state, number in counted:
        kind = {Profile.PUPIL: "pupils", Profile.GUARDIAN: "guardians"}.get(profile, "staff")
        people[school_id][kind] += number
        if state in _STATES:
            people[school_id]["accounts"] += number
        if state == AccessState.ACTIVE:
            people[school_id]["active"] += number
    classes = dict(
        Group.objects.filter(school__in=schools, kind=GroupKind.CLASS, is_present=True)
        .order_by()
        .values_list("school")
        .annotate(number=Count("pk"))
    )
    rows = []
    for school in schools:
        figures = people[school.pk]
        accounts, active = figures["accounts"], figures["active"]
        rows.append(
            {
                "school": school,
                "pupils": figures["pupils"],
                "guardians": figures["guardians"],
                "staff": figures["staff"],
                "classes": classes.get(school.pk, 0),
                "active": active,
                "activation": round(100 * active / accounts) if accounts else 0,
            }
        )
    return rows
