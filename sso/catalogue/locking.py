"""What every write on a service begins and ends with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from directory.models import Person
from directory.rights.actors import Actor, actor_for
from ent.audit.origin import Origin
from sso.catalogue import registry
from sso.catalogue.journal import ServiceAct, note
from sso.catalogue.models import Service
from sso.catalogue.perms import services_managed_by


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorAndOrigin:
    """Who acts, and from where: what the journal is told."""

    actor: Actor
    origin: Origin


def actor_now(by: ActorAndOrigin) -> Actor:
    """Read the rights again inside the transaction: a withdrawn one allows nothing (T-F4)."""
    return actor_for(Person.objects.get(pk=by.actor.person_id))


def lock_service(service: Service, by: ActorAndOrigin) -> Service:
    """Lock the service, and refuse who may not manage it any more."""
    held = services_managed_by(actor_now(by)).select_for_update(of=("self",))
    found = held.filter(pk=service.pk).first()
    if found is None:
        raise PermissionDenied("not a service of theirs")
    return found


def journal_change(
    service: Service,
    act: ServiceAct,
    by: ActorAndOrigin,
    *,
    subject: UUID | None = None,
    fields: list[str] | None = None,
    **details: object,
) -> None:
    """Write the journal's line, and make this process read the catalogue anew."""
    note(
        act,
        service=service,
        actor=by.actor.uuid,
        origin=by.origin,
        subject=subject,
        fields=fields or (),
        **details,
    )
    transaction.on_commit(registry.forget)
