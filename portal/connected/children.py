"""A parent's children as the connected page shows them: the minimal view (T-I3).

One block per child: class, school, the services of that school or class, whom to call there. The
block is the way to the child: it switches to the child's school (R-B8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest

from directory.enums import GroupKind, MembershipRole, Profile
from directory.models import Membership, Person, Responsibility, School
from directory.schools.current import (
    SchoolPlace,
    choose_place,
    current_place,
    person_of,
    places_of,
)
from portal.connected.service_tiles import tiles_through
from portal.school_pages.contacts import public_email, public_phone
from sso.catalogue.tiles import ServiceTile

CHILD_KEY = "current_child"
"""In a session: the child whose block was chosen, by the UUID of their person."""


@dataclass(frozen=True, kw_only=True)
class Child:
    """First name, name, codes of classes (« 6A »), school; never birth date, INE or address."""

    uuid: UUID
    name: str
    school: School | None
    classes: str
    is_leaving: bool
    group_ids: frozenset[int]
    services: Mapping[int, ServiceTile] = field(default_factory=dict)
    email: str = ""
    phone: str = ""
    is_current: bool = False
    may_switch: bool = False

    @property
    def has_page(self) -> bool:
        """Does the school have a public page?"""
        return self.school is not None and self.school.is_active


def children_block(request: HttpRequest) -> Mapping[str, Any] | None:
    """Return « Mes enfants » for a parent, None for anybody else."""
    person = person_of(request)
    if person is None or person.profile != Profile.GUARDIAN:
        return None
    return {"children": shown_children(request, person)}


def shown_children(request: HttpRequest, guardian: Person) -> list[Child]:
    """Return a parent's children with their services, read once per request; none of others."""
    known: list[Child] | None = getattr(request, "_portal_children", None)
    if known is None:
        known = _read_shown(request, guardian) if guardian.profile == Profile.GUARDIAN else []
        request._portal_children = known  # type: ignore[attr-defined]  # noqa: SLF001
    return known


def _read_shown(request: HttpRequest, guardian: Person) -> list[Child]:
    children = children_of(guardian)
    current = current_child(request, children)
    return [
        replace(
            child,
            services=tiles_through(request, guardian, child.school, child.group_ids)
            if child.school is not None and not child.is_leaving
            else {},
            email=public_email(child.school),
            phone=public_phone(child.school),
            is_current=child is current,
            may_switch=child is not current and _place_of(request, child) is not None,
        )
        for child in children
    ]


def children_of(guardian: Person) -> list[Child]:
    """Return the children for whom *guardian* legally answers, in two statements."""
    classes = Membership.objects.filter(
        role=MembershipRole.PUPIL, group__kind=GroupKind.CLASS
    ).select_related("group")
    links = (
        Responsibility.objects.filter(guardian=guardian, is_legal=True)
        .select_related("pupil__main_school__page")
        .prefetch_related(Prefetch("pupil__memberships", queryset=classes, to_attr="own_classes"))
        .order_by("pupil__sort_key", "pupil_id")
    )
    return [_child(link.pupil) for link in links]


def current_child(request: HttpRequest, children: Sequence[Child]) -> Child | None:
    """Return the child whose school one is in: the one that was chosen, else the first there."""
    place = current_place(request)
    if place is None or place.profile != Profile.GUARDIAN:
        return None
    there = [child for child in children if child.school == place.school and not child.is_leaving]
    chosen = request.session.get(CHILD_KEY, "")
    return next(
        (child for child in there if str(child.uuid) == chosen), there[0] if there else None
    )


def choose_child(request: HttpRequest, guardian: Person, *, wanted: str) -> Child | None:
    """Switch to a child's school; None (and nothing kept) when it is not one of theirs."""
    for child in children_of(guardian):
        place = _place_of(request, child)
        if str(child.uuid) == wanted and place is not None:
            choose_place(request, key=place.key)
            request.session[CHILD_KEY] = wanted
            return child
    return None


def _place_of(request: HttpRequest, child: Child) -> SchoolPlace | None:
    """Return the parent's place in the child's school; somebody who left leads nowhere."""
    if child.is_leaving:
        return None
    return next(
        (
            place
            for place in places_of(request)
            if place.school == child.school and place.profile == Profile.GUARDIAN
        ),
        None,
    )


def _child(pupil: Person) -> Child:
    memberships: list[Membership] = pupil.own_classes  # type: ignore[attr-defined]
    return Child(
        uuid=pupil.uuid,
        name=pupil.full_name,
        school=pupil.main_school,
        classes=", ".join(sorted(row.group.code for row in memberships)),
        is_leaving=pupil.left_at is not None,
        group_ids=frozenset(row.group_id for row in memberships),
    )
