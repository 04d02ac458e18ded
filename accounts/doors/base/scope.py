"""Which doors an administrator sets."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.doors.base.models import Door, DoorQuerySet
from directory.models import Authority
from directory.rights.actors import Actor
from directory.rights.acts import Act, Scope
from ent.database.ordering import folded


def doors_of(actor: Actor) -> DoorQuerySet:
    """Return the doors that the actor sets: all, or those of their authority."""
    doors = Door.objects.all().with_servers().select_related("health")
    if actor.has_whole_portal(Act.PORTAL_SETTINGS):
        return doors
    return doors.filter(authority__in=_authority_ids(actor))


def authorities_of(actor: Actor) -> QuerySet[Authority]:
    """Return the authorities whose doors the actor sets."""
    authorities = Authority.objects.order_by(folded("name"))
    if actor.has_whole_portal(Act.PORTAL_SETTINGS):
        return authorities
    return authorities.filter(pk__in=_authority_ids(actor))


def _authority_ids(actor: Actor) -> set[int]:
    reaches = actor.reaches(Act.PORTAL_SETTINGS)
    return {r.authority_id for r in reaches if r.scope is Scope.AUTHORITY and r.authority_id}
