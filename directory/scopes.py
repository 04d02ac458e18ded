"""Where an actor's rights hold, as conditions that SQL checks.

"School A never sees school B" is written here once: every screen finds its objects through these
conditions, so a foreign object is simply not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Q, QuerySet

from directory.actors import Actor, Reach
from directory.acts import (
    ACTS_ON_PERSONS,
    PROFILE_RANKS,
    RESCUED_PROFILES,
    ROLE_RANKS,
    Act,
    Rank,
    Scope,
)
from directory.enums import MembershipRole, Profile, Role
from directory.models.groups import Membership
from directory.models.persons import Affiliation, Responsibility
from directory.models.roles import RoleGrant

NOBODY = Q(pk__in=[])
_REMEMBERED_SECONDS = 600


def _any_of(conditions: list[Q]) -> Q:
    return reduce(or_, conditions) if conditions else NOBODY


def persons_within(reach: Reach) -> Q:
    """Persons whom *reach* covers, whatever their rank."""
    match reach.scope:
        case Scope.PORTAL:
            return Q()
        case Scope.AUTHORITY | Scope.AUTHORITY_STAFF:
            there = Affiliation.objects.filter(school__authority=reach.authority_id)
            within = Q(pk__in=there.values("person"))
            if reach.scope is Scope.AUTHORITY_STAFF:
                within &= Q(profile__in=Profile.of_the_feed_staff())
            return within
        case Scope.SCHOOLS:
            there = Affiliation.objects.filter(school=reach.school_id)
            return Q(pk__in=there.values("person"))
        case Scope.CLASSES:
            pupils = Membership.objects.filter(group=reach.group_id, role=MembershipRole.PUPIL)
            parents = Responsibility.objects.filter(pupil__in=pupils.values("person"))
            return Q(pk__in=pupils.values("person")) | Q(pk__in=parents.values("guardian"))
        case _:
            return NOBODY


def few_persons_within(reaches: Iterable[Reach], *, most: int) -> list[int] | ArraySubquery | None:
    """Return all persons whom *reaches* cover, for ``pk__any_of``, when they are at most *most*.

    The same persons as :func:`persons_within`, listed from the links instead of tested one by
    one: for a school or a class the other way reads the whole table. ``None``: too many.
    """
    schools: list[int | None] = []
    authorities: list[int | None] = []
    classes: list[int | None] = []
    for reach in reaches:
        match reach.scope:
            case Scope.SCHOOLS:
                schools.append(reach.school_id)
            case Scope.CLASSES:
                classes.append(reach.group_id)
            case Scope.AUTHORITY:
                authorities.append(reach.authority_id)
            case _:
                return None
    there = Affiliation.objects.filter(_schools_or_authorities(schools, authorities))
    affiliated = there.order_by().values_list("person", flat=True)
    if _are_many(affiliated, [] if schools else authorities, most):
        return None
    if not classes:
        return ArraySubquery(affiliated)
    pupils = Membership.objects.filter(group__in=classes, role=MembershipRole.PUPIL)
    parents = Responsibility.objects.filter(pupil__in=pupils.values("person"))
    found = {
        *affiliated,
        *pupils.values_list("person", flat=True),
        *parents.values_list("guardian", flat=True),
    }
    return list(found) if len(found) <= most else None


def _are_many(affiliated: QuerySet[Any, Any], authorities: list[int | None], most: int) -> bool:
    """Are there more than *most*? Of whole academies it is remembered when there are.

    It decides how one looks up, not whom one finds: an academy that shrank is looked up as before.
    """
    if not authorities:
        return there_are_more(affiliated, most)
    key = f"more-than-{most}-in-{'-'.join(sorted(map(str, authorities)))}"
    if cache.get(key):
        return True
    are_many = there_are_more(affiliated, most)
    if are_many:
        cache.set(key, True, _REMEMBERED_SECONDS)
    return are_many


def academies_within(reaches: Iterable[Reach]) -> tuple[list[int], bool]:
    """Return the authorities that *reaches* cover, and whether only their staff.

    No authority where anything else is covered too, or all of one and only the staff of another.
    """
    found = {(reach.scope, reach.authority_id) for reach in reaches}
    academies = [authority_id for _, authority_id in found if authority_id is not None]
    scopes = {scope for scope, _ in found}
    if len(academies) < len(found) or scopes not in ({Scope.AUTHORITY}, {Scope.AUTHORITY_STAFF}):
        return [], False
    return sorted(academies), scopes == {Scope.AUTHORITY_STAFF}


def affiliated_among(identifiers: list[int], academies: Iterable[int]) -> set[int]:
    """Return those of *identifiers* who are affiliated in a school of one of *academies*.

    The same persons as :func:`persons_within`, asked from the links.
    """
    there = Affiliation.objects.filter(person__any_of=identifiers, school__authority__in=academies)
    return set(there.order_by().values_list("person", flat=True))


def there_are_more(identifiers: QuerySet[Any, Any], most: int) -> bool:
    """Are there more than *most*? Counts no further."""
    return bool(identifiers[most : most + 1])


def _schools_or_authorities(schools: list[int | None], authorities: list[int | None]) -> Q:
    if not authorities:
        return Q(school__in=schools)
    return Q(school__in=schools) | Q(school__authority__in=authorities)


def persons_for(actor: Actor, act: Act) -> Q:
    """Persons for whom *actor* may do *act*: never upwards, never on themselves."""
    reaches = list(actor.reaches(act))
    if act not in ACTS_ON_PERSONS:
        if any(reach.scope is Scope.PORTAL for reach in reaches):
            return Q()
        return _any_of([persons_within(reach) for reach in reaches])
    allowed = [
        persons_within(reach) & ranked_below(reach.rank) & _profiles_for(act, reach.rank)
        for reach in reaches
    ]
    return _any_of(allowed) & ~Q(pk=actor.person_id)


def ranked_below(rank: Rank) -> Q:
    """Persons strictly below *rank*, by their profile and by every role that they hold."""
    profiles = [profile for profile, its_rank in PROFILE_RANKS.items() if its_rank >= rank]
    roles = [role for role, its_rank in ROLE_RANKS.items() if its_rank >= rank]
    holders = RoleGrant.objects.in_force().filter(role__in=roles)
    return ~Q(profile__in=profiles) & ~Q(pk__in=holders.values("person"))


def _profiles_for(act: Act, rank: Rank) -> Q:
    if act in {Act.RESCUE, Act.SLIPS} and rank < Rank.ENT_ADMINISTRATOR:
        return Q(profile__in=RESCUED_PROFILES)
    return Q()


def schools_within(actor: Actor, act: Act) -> Q:
    """Schools that *actor* may see whole: a form teacher's right stops at the class."""
    conditions: list[Q] = []
    for reach in actor.reaches(act):
        if reach.scope is Scope.PORTAL:
            return Q()
        if reach.scope is Scope.SCHOOLS:
            conditions.append(Q(pk=reach.school_id))
        elif reach.scope in {Scope.AUTHORITY, Scope.AUTHORITY_STAFF}:
            conditions.append(Q(authority=reach.authority_id))
    return _any_of(conditions)


def schools_named_to(actor: Actor) -> Q:
    """Schools whose name the actor may read beside a person: those of their roles."""
    classes = [Q(pk=grant.school_id) for grant in actor.grants if grant.group_id is not None]
    whole = schools_within(actor, Act.SEARCH)
    return whole if whole == Q() else _any_of([whole, *classes])


def groups_within(actor: Actor, act: Act) -> Q:
    """Classes and groups that *actor* reaches."""
    conditions: list[Q] = []
    for reach in actor.reaches(act):
        match reach.scope:
            case Scope.PORTAL:
                return Q()
            case Scope.SCHOOLS:
                conditions.append(Q(school=reach.school_id))
            case Scope.CLASSES:
                conditions.append(Q(pk=reach.group_id))
            case Scope.AUTHORITY | Scope.AUTHORITY_STAFF:
                conditions.append(Q(school__authority=reach.authority_id))
            case _:
                pass
    return _any_of(conditions)


def grants_within(actor: Actor) -> Q:
    """Roles that *actor* sees on the access screen: those of their schools, or all."""
    conditions: list[Q] = []
    for reach in actor.reaches(Act.GIVE_ROLES):
        match reach.scope:
            case Scope.PORTAL:
                return Q()
            case Scope.SCHOOLS:
                conditions.append(Q(school=reach.school_id) | Q(group__school=reach.school_id))
            case Scope.AUTHORITY:
                conditions.append(
                    Q(school__authority=reach.authority_id)
                    | Q(group__school__authority=reach.authority_id)
                    | Q(authority=reach.authority_id)
                )
            case _:
                pass
    return _any_of(conditions)


def own_family(actor: Actor) -> Q:
    """The person themselves and, for a parent, the children whom they legally answer for."""
    children = Responsibility.objects.filter(guardian=actor.person_id, is_legal=True)
    return Q(pk=actor.person_id) | Q(pk__in=children.values("pupil"))


def is_head_of_portal(actor: Actor) -> bool:
    """Is the actor an ENT administrator of the whole portal?"""
    return any(
        grant.role == Role.ENT_ADMINISTRATOR and grant.authority_id is None
        for grant in actor.grants
    )
