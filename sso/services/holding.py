"""What every write on a service begins and ends with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from directory.actors import Actor, actor_for
from directory.models import Person
from ent.audit.origin import Origin
from sso import registry
from sso.journal import ServiceAct, note
from sso.models import Service
from sso.perms import services_managed_by


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who acts, and from where: what the journal is told."""

    actor: Actor
    origin: Origin


def actor_now(by: By) -> Actor:
    """Read the rights again inside the transaction: a withdrawn one allows nothing (T-F4)."""
    return actor_for(Person.objects.get(pk=by.actor.person_id))


def hold(service: Service, by: By) -> Service:
    """Lock the service, and refuse who may not manage it any more."""
    held = services_managed_by(actor_now(by)).select_for_update(of=("self",))
    found = held.filter(pk=service.pk).first()
    if found is None:
        raise PermissionDenied("not a service of theirs")
    return found


def written(
    service: Service,
    act: ServiceAct,
    by: By,
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
