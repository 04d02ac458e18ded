"""Who may import what: ENT administrators, for the whole portal or for their authority."""

from __future__ import annotations

from django.db.models import QuerySet

from directory.enums import AccessState
from directory.models.deliveries import Delivery
from directory.models.persons import Person
from directory.models.schools import Authority
from directory.rights.actors import Actor, actor_for
from directory.rights.acts import Act


def importable_authorities(actor: Actor) -> QuerySet[Authority]:
    """Authorities for which the actor may import: a delivery touches all their schools."""
    if actor.has_whole_portal(Act.IMPORT):
        return Authority.objects.all()
    ids = [reach.authority_id for reach in actor.reaches(Act.IMPORT) if reach.authority_id]
    return Authority.objects.filter(pk__in=ids)


def can_import_for(actor: Actor, authority: Authority) -> bool:
    """May the actor import deliveries of this authority?"""
    return importable_authorities(actor).filter(pk=authority.pk).exists()


def may_still_import(person: Person, authority: Authority) -> bool:
    """May the person who asked still import, now that no request of theirs proves who they are?

    A request ends with its account; work asked before does not: roles survive a block.
    """
    is_open = person.left_at is None and person.access_state != AccessState.BLOCKED
    return is_open and can_import_for(actor_for(person), authority)


def visible_deliveries(actor: Actor) -> QuerySet[Delivery]:
    """The ledger, as far as the actor reaches."""
    return Delivery.objects.filter(authority__in=importable_authorities(actor)).select_related(
        "authority"
    )
