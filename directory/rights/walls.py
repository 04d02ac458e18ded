"""What an actor may see: every screen and every act starts from one of these queries.

A foreign object is simply not there, so a page answers 404. The conditions themselves stand in
:mod:`directory.rights.conditions`.
"""

from __future__ import annotations

from django.db.models import Q

from directory.models.groups import Group, GroupQuerySet
from directory.models.persons import Person, PersonQuerySet
from directory.models.roles import RoleGrant, RoleGrantQuerySet
from directory.models.schools import School, SchoolQuerySet
from directory.rights import conditions
from directory.rights.actors import Actor
from directory.rights.acts import Act


def visible_persons(actor: Actor, act: Act = Act.SEARCH) -> PersonQuerySet:
    """Persons for whom the actor may do *act*; by default, whom they find in the directory.

    An act on a person is never done upwards, nor on oneself.
    """
    return Person.objects.filter(conditions.persons_for(actor, act))


def persons_in_reach(actor: Actor, act: Act) -> PersonQuerySet:
    """Persons whom the roles that allow *act* cover, whatever their rank.

    They say why an act is refused; they do not allow it.
    """
    return Person.objects.filter(conditions.persons_of_any_rank_for(actor, act))


def readable_persons(actor: Actor) -> PersonQuerySet:
    """Persons whose sheet the actor may open: the directory's, oneself, one's children."""
    found = conditions.persons_for(actor, Act.SEARCH)
    if found == Q():
        return Person.objects.all()
    return Person.objects.filter(found | conditions.own_family(actor))


def visible_schools(actor: Actor, act: Act = Act.SEARCH) -> SchoolQuerySet:
    """Schools that the actor may see whole."""
    return School.objects.filter(conditions.schools_for(actor, act))


def named_schools(actor: Actor) -> SchoolQuerySet:
    """Schools whose name may stand beside a person whom the actor sees (T-F5)."""
    return School.objects.filter(conditions.named_schools_for(actor))


def visible_groups(actor: Actor, act: Act = Act.SEARCH) -> GroupQuerySet:
    """Classes and groups that the actor may see."""
    return Group.objects.filter(conditions.groups_for(actor, act))


def visible_grants(actor: Actor) -> RoleGrantQuerySet:
    """Roles that the actor may see on « Accès utilisateur »."""
    return RoleGrant.objects.filter(conditions.grants_for(actor))
