"""A parent's children as the connected page shows them: the minimal view (T-I3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch

from directory.enums import GroupKind, MembershipRole
from directory.models import Membership, Person, Responsibility


@dataclass(frozen=True)
class Child:
    """First name, name, codes of classes (« 6A »), schools; never birth date, INE or address."""

    name: str
    school_name: str
    school_slug: str
    classes: str
    is_leaving: bool


def children_of(guardian: Person) -> list[Child]:
    """The children for whom *guardian* legally answers, in two queries."""
    classes = Membership.objects.filter(
        role=MembershipRole.PUPIL, group__kind=GroupKind.CLASS
    ).select_related("group")
    links = (
        Responsibility.objects.filter(guardian=guardian, is_legal=True)
        .select_related("pupil__main_school")
        .prefetch_related(Prefetch("pupil__memberships", queryset=classes, to_attr="own_classes"))
        .order_by("pupil__sort_key", "pupil_id")
    )
    return [_child(link.pupil) for link in links]


def _child(pupil: Person) -> Child:
    memberships: list[Membership] = pupil.own_classes  # type: ignore[attr-defined]
    school = pupil.main_school
    has_page = school is not None and school.is_active
    return Child(
        name=pupil.full_name,
        school_name=school.name if school is not None else "",
        school_slug=school.slug if school is not None and has_page else "",
        classes=", ".join(sorted(row.group.code for row in memberships)),
        is_leaving=pupil.left_at is not None,
    )
