"""Where an actor's rights hold, as conditions of a query.

"School A never sees school B" is written here once. Screens use :mod:`directory.rights.walls`,
which gives the rows that these conditions let through; a condition alone serves larger queries.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from directory.enums import MembershipRole, Profile
from directory.models.groups import Membership
from directory.models.persons import Affiliation, Responsibility
from directory.models.roles import RoleGrant
from directory.rights.actors import Actor, Reach
from directory.rights.acts import (
    ACTS_ON_PERSONS,
    PROFILE_RANKS,
    RESCUED_PROFILES,
    ROLE_RANKS,
    Act,
    Rank,
    Scope,
)

NOBODY = Q(pk__in=[])


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


def persons_of_any_rank_for(actor: Actor, act: Act) -> Q:
    """Persons whom the roles that allow *act* cover, whatever their rank."""
    conditions = [persons_within(reach) for reach in actor.reaches(act)]
    return Q() if Q() in conditions else _any_of(conditions)


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


def schools_for(actor: Actor, act: Act) -> Q:
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


def named_schools_for(actor: Actor) -> Q:
    """Schools whose name the actor may read beside a person: those of their roles."""
    classes = [Q(pk=grant.school_id) for grant in actor.grants if grant.group_id is not None]
    whole = schools_for(actor, Act.SEARCH)
    return whole if whole == Q() else _any_of([whole, *classes])


def groups_for(actor: Actor, act: Act) -> Q:
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


def grants_for(actor: Actor) -> Q:
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
