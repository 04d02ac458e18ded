"""Who manages which service (R-G2): the portal's, or one's own school's and no other."""

from __future__ import annotations

from django.db.models import QuerySet

from directory.models.persons import PersonQuerySet
from directory.models.schools import SchoolQuerySet
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_persons, visible_schools
from signin.realms import current_realm
from sso.catalogue.models import Service


def can_manage_services(actor: Actor) -> bool:
    """Is there any service that the actor may manage, or register?"""
    return actor.may(Act.OWN_SERVICES)


def can_manage_portal_services(actor: Actor) -> bool:
    """The portal's own services, proxy rights and shared addresses: the whole portal's only."""
    return actor.has_whole_portal(Act.PORTAL_SETTINGS)


def services_managed_by(actor: Actor) -> QuerySet[Service]:
    """The services that the actor manages: a foreign one is not there (R-J3)."""
    services = Service.objects.of_realm(current_realm()).select_related("school__authority")
    if can_manage_portal_services(actor):
        return services
    return services.filter(school__in=owner_schools(actor))


def owner_schools(actor: Actor) -> SchoolQuerySet:
    """The schools for which the actor may register a service."""
    return visible_schools(actor, Act.OWN_SERVICES).active()


def persons_for_services(actor: Actor) -> PersonQuerySet:
    """Whom the actor may name in « Accès utilisateur », or choose for a preview: who is there."""
    return visible_persons(actor, Act.OWN_SERVICES).filter(left_at__isnull=True)


def is_tied_to_its_school(service: Service, actor: Actor) -> bool:
    """Does the service open within its own school only?

    A school's administrator speaks for that school: a service of theirs that opened to another
    school's people would learn who these are.
    """
    return service.school_id is not None and not can_manage_portal_services(actor)
