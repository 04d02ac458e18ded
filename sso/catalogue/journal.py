"""What the journal keeps of services: which one, which fields, never their values."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import TextChoices

from ent.audit.origin import Origin
from ent.audit.services import record
from ent.audit.vocabulary import vocabulary
from sso.catalogue.models import Service


@vocabulary
class ServiceAct(TextChoices):
    """The acts of « Services tiers »."""

    REGISTERED = "service:registered", "Service tiers enregistré"
    CHANGED = "service:changed", "Service tiers modifié"
    OPENED = "service:opened", "Service tiers ouvert"
    CLOSED = "service:closed", "Service tiers fermé"
    DELETED = "service:deleted", "Service tiers supprimé"
    POPULATION_ADDED = "service:population:added", "Accès population ajouté"
    POPULATION_REMOVED = "service:population:removed", "Accès population retiré"
    GRANTED = "service:access:granted", "Accès à un service donné"
    WITHDRAWN = "service:access:withdrawn", "Accès à un service retiré"
    CONTRACT_CHANGED = "service:contract:changed", "Identité transmise modifiée"
    PREVIEWED = "service:previewed", "Aperçu de l’identité transmise"


def note(
    act: ServiceAct,
    *,
    service: Service,
    actor: UUID,
    origin: Origin,
    subject: UUID | None = None,
    fields: Iterable[str] = (),
    **details: object,
) -> None:
    """Write one line about a service; the school's administrators read what is their school's."""
    names = ",".join(sorted(fields))[:100]
    school = service.school
    record(
        act=act,
        actor=actor,
        subject=subject,
        school_uai=school.uai if school is not None else "",
        authority_code=school.authority.code if school is not None else "",
        origin=origin,
        details={"service": service.uuid, **({"fields": names} if names else {}), **details},
    )
