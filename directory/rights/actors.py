"""The person who acts, with the roles in force now and how far they reach."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from directory.enums import Profile, Role
from directory.models.roles import RoleGrant
from directory.rights.acts import (
    RIGHTS,
    ROLE_RANKS,
    Act,
    Rank,
    Scope,
)

if TYPE_CHECKING:
    from directory.models.persons import Person


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in force, by ids: ``school_id`` is also the school of a class's role."""

    role: Role
    school_id: int | None = None
    group_id: int | None = None
    authority_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one role allows an act, and the rank from which it acts."""

    rank: Rank
    scope: Scope
    school_id: int | None = None
    group_id: int | None = None
    authority_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who asks; read anew for each request, so that a withdrawn role ends at once."""

    person_id: int
    uuid: uuid.UUID
    profile: Profile
    grants: tuple[Grant, ...] = field(default=())

    def reaches(self, act: Act) -> Iterator[Reach]:
        """Yield the reach of each role that allows *act*; nothing when none does."""
        for grant in self.grants:
            scope = RIGHTS[act].get(grant.role)
            if scope is None:
                continue
            if scope is Scope.PORTAL and grant.authority_id is not None:
                scope = Scope.AUTHORITY
            yield Reach(
                rank=ROLE_RANKS[grant.role],
                scope=scope,
                school_id=grant.school_id,
                group_id=grant.group_id,
                authority_id=grant.authority_id,
            )

    def may(self, act: Act) -> bool:
        """May the actor do *act* somewhere?"""
        return any(True for _ in self.reaches(act))

    def has_whole_portal(self, act: Act) -> bool:
        """May the actor do *act* everywhere?"""
        return any(reach.scope is Scope.PORTAL for reach in self.reaches(act))

    def has_role(self, role: Role) -> bool:
        """Does the actor hold *role* somewhere?"""
        return any(grant.role == role for grant in self.grants)

    @property
    def is_head_of_portal(self) -> bool:
        """Is the actor an ENT administrator of the whole portal?"""
        return any(
            grant.role == Role.ENT_ADMINISTRATOR and grant.authority_id is None
            for grant in self.grants
        )


def actor_for(person: Person) -> Actor:
    """Read the roles of *person* in force now: one query."""
    rows = (
        RoleGrant.objects.in_force()
        .filter(person=person)
        .values_list("role", "school_id", "group_id", "group__school_id", "authority_id")
        .order_by("pk")
    )
    return Actor(
        person_id=person.pk,
        uuid=person.uuid,
        profile=Profile(person.profile),
        grants=tuple(
            Grant(
                role=Role(role),
                school_id=school_id or group_school_id,
                group_id=group_id,
                authority_id=authority_id,
            )
            for role, school_id, group_id, group_school_id, authority_id in rows
        ),
    )


def person_of(request: HttpRequest) -> Person:
    """Return the person who is signed in, read with their session; 403 when nobody is.

    ``request.user`` is an account of the higher room; all that is asked of it is ``.person``.
    """
    person: Person | None = getattr(request.user, "person", None)
    if person is None:
        raise PermissionDenied("nobody is signed in")
    return person


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor of *request*, read once per request."""
    person = person_of(request)
    known = getattr(request, "_directory_actor", None)
    if isinstance(known, Actor) and known.person_id == person.pk:  # unless another signed in
        return known
    actor = actor_for(person)
    request._directory_actor = actor  # type: ignore[attr-defined]  # noqa: SLF001
    return actor


def require(request: HttpRequest, act: Act) -> Actor:
    """Return the actor, or answer 403 when no role of theirs allows *act* anywhere."""
    actor = actor_of(request)
    if not actor.may(act):
        raise PermissionDenied(f"no role allows {act}")
    return actor
