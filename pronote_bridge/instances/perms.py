"""Who sees which instance: one school of a group shows that it exists, all of them open it."""

from __future__ import annotations

from django.http import HttpRequest

from directory.models.schools import SchoolQuerySet
from directory.rights.actors import Actor, actor_of
from directory.rights.acts import Act
from directory.rights.walls import visible_schools
from pronote_bridge.instances.models import Instance, InstanceQuerySet, InstanceSchool


def may_open_desk(request: HttpRequest) -> bool:
    """Does the person who asks administer Pronote somewhere?"""
    return actor_of(request).may(Act.PRONOTE)


def administered_schools(actor: Actor) -> SchoolQuerySet:
    """The schools whose Pronote the actor administers, those that an import closed too.

    A closed school stays in its instance until somebody takes it out: it is foreign to nobody who
    administers it.
    """
    return visible_schools(actor, Act.PRONOTE)


def schools_of(actor: Actor) -> SchoolQuerySet:
    """Those of them that are open: the schools that one may choose."""
    return administered_schools(actor).active()


def visible_instances(actor: Actor) -> InstanceQuerySet:
    """Current instances that serve a school of the actor; others' people stay unseen.

    One whose schools are all closed stays in the list: it is there to be withdrawn.
    """
    current = Instance.objects.current().select_related("key_school__authority", "service")
    return current.serving(administered_schools(actor))


def manageable_instances(actor: Actor) -> InstanceQuerySet:
    """Current instances of whose schools the actor administers every one."""
    foreign = InstanceSchool.objects.current().exclude(school__in=administered_schools(actor))
    return visible_instances(actor).exclude(pk__in=foreign.values("instance"))


def can_manage(actor: Actor, instance: Instance) -> bool:
    """Does the actor administer every school of this instance?"""
    return manageable_instances(actor).filter(pk=instance.pk).exists()


def can_allow_addresses(actor: Actor) -> bool:
    """An address in http, by number or in a private network is the whole portal's to allow."""
    return actor.has_whole_portal(Act.PORTAL_SETTINGS)
