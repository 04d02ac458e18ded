"""What a service is told about people: its contract (R-G3)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from directory.models import Person
from sso.catalogue.journal import ServiceAct
from sso.catalogue.locking import (
    ActorAndOrigin,
    actor_now,
    journal_change,
    lock_service,
)
from sso.catalogue.models import ReleasedAttribute, Service
from sso.catalogue.perms import can_manage_portal_services
from sso.enums import AttributeSource
from sso.release.contracts import preview
from sso.release.rules import NothingToRelease, Released, is_reserved

#: The same for every service, and what a person is elsewhere: the portal's to release.
PORTAL_SOURCES = (AttributeSource.PERSON_UUID, AttributeSource.SCHOOL_UAIS)
CONTRACT_FIELDS = ("user_attribute", "profile_vocabulary", "releases_over_http")


@transaction.atomic
def change_contract(
    *,
    service: Service,
    values: dict[str, Any],
    attributes: list[dict[str, str]],
    by: ActorAndOrigin,
) -> Service:
    """Write what the service learns; the journal names the attributes, never anybody's values."""
    held = lock_service(service, by)
    if any(is_reserved(attribute["name"]) for attribute in attributes):
        raise ValidationError("Un de ces noms d’attribut est réservé au protocole.")
    asked = {values["user_attribute"], *(attribute["source"] for attribute in attributes)}
    if asked.difference(sources_of(held)).intersection(PORTAL_SOURCES) and (
        not can_manage_portal_services(actor_now(by))
    ):
        raise PermissionDenied("what joins services up is the portal's to release")
    changed = [name for name in CONTRACT_FIELDS if getattr(held, name) != values[name]]
    for name in changed:
        setattr(held, name, values[name])
    held.full_clean()
    held.save(update_fields=changed)
    wanted = [
        ReleasedAttribute(
            service=held,
            name=attribute["name"],
            source=attribute["source"],
            format=attribute["format"],
        )
        for attribute in attributes
    ]
    before = [(one.name, one.source, one.format) for one in held.attributes.all()]
    if before != [(one.name, one.source, one.format) for one in wanted]:
        held.attributes.all().delete()
        ReleasedAttribute.objects.bulk_create(wanted)
        changed.append("attributes")
    if changed:
        journal_change(
            held,
            ServiceAct.CONTRACT_CHANGED,
            by,
            fields=changed,
            count=len(wanted),
        )
    return held


def sources_of(service: Service) -> set[str]:
    """Return what the contract releases already."""
    return {service.user_attribute, *(one.source for one in service.attributes.all())}


@transaction.atomic
def preview_for(
    *, service: Service, person: Person, by: ActorAndOrigin
) -> tuple[Released | None, bool]:
    """Return what the service would receive for this person, and whether attributes stay behind.

    Nothing of it is stored; that somebody looked is, since it may show a birth date or an address.
    None: the contract names the person by something that they do not have, and the service would be
    told nothing at all. Attributes stay behind on http, as they do at a validation.
    """
    held = lock_service(service, by)
    stays_behind = not held.releases_over_http and is_on_http(held)
    journal_change(held, ServiceAct.PREVIEWED, by, subject=person.uuid)
    try:
        return preview(held, person, user_only=stays_behind), stays_behind
    except NothingToRelease:
        return None, stays_behind


def is_on_http(service: Service) -> bool:
    """Does the entry of the service (else its first address) travel in clear?"""
    first = service.addresses.first()
    text = service.home_url or (str(first) if first is not None else "")
    return text.startswith("http:")
