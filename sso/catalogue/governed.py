"""Services that a higher room governs for schools (Pronote): registered, moved, closed.

The caller has checked its own right on every school, inside the same transaction: a group's service
belongs to the portal, since an administrator of one school must not lead the others' people to an
address of theirs. What changes is journaled like any change of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from directory.models import School
from signin.realms import current_realm
from sso.catalogue.addresses import Address
from sso.catalogue.journal import ServiceAct
from sso.catalogue.locking import ActorAndOrigin, journal_change
from sso.catalogue.models import Service, ServiceAddress, ServiceAudience
from sso.catalogue.perms import can_manage_portal_services
from sso.catalogue.presets import Preset
from sso.catalogue.registration import add_place, free_code, one_at_a_time
from sso.enums import AddressUse


@transaction.atomic
def register_governed(
    *, preset: Preset, schools: list[School], address: Address, values: dict[str, Any],
    by: ActorAndOrigin,
) -> Service:  # fmt: skip
    """Register a service of one school, or of the portal for several, open to all their people."""
    owner = schools[0] if len(schools) == 1 else None
    one_at_a_time("code")
    service = Service(
        **values,
        code=free_code(f"{preset.name} {schools[0].uai}" if owner is None else preset.name, owner),
        icon=preset.icon,
        school=owner,
        realm=current_realm(),
        home_url=address.text,
        ticket_length=preset.ticket_length,
        profile_vocabulary=preset.vocabulary,
    )
    service.full_clean()
    service.save()
    _place_at(service, address, by)
    ServiceAudience.objects.bulk_create(
        ServiceAudience(service=service, school=school) for school in schools
    )
    journal_change(service, ServiceAct.REGISTERED, by, kind=preset.key)
    return service


@transaction.atomic
def govern(
    *, service: Service, schools: list[School], address: Address, values: dict[str, Any],
    by: ActorAndOrigin,
) -> Service:  # fmt: skip
    """Make a registered service that of these schools at this address, open, with its identifiers.

    Former addresses and the audiences of other schools go; audiences of classes and named users
    stay. `ValidationError` when the address is another service's.
    """
    held = Service.objects.select_for_update(of=("self",)).get(pk=service.pk)
    wanted = {
        **values,
        "school": schools[0] if len(schools) == 1 else None,
        "home_url": address.text,
        "is_open": True,
    }
    changed = [name for name, value in wanted.items() if getattr(held, name) != value]
    for name in changed:
        setattr(held, name, wanted[name])
    held.full_clean()
    held.save(update_fields=changed)
    if _move(held, address, by):
        changed.append("addresses")
    if _open_to(held, schools):
        changed.append("population")
    if changed:
        journal_change(held, ServiceAct.CHANGED, by, fields=changed)
    return held


@transaction.atomic
def close_governed(
    *, service: Service, by: ActorAndOrigin, gives_up_addresses: bool = False
) -> None:
    """Close a service; its identifiers wait for it to open again.

    *gives_up_addresses*: another service takes its place there.
    """
    if gives_up_addresses:
        service.addresses.filter(use=AddressUse.SIGN_IN).delete()
        Service.objects.filter(pk=service.pk).update(home_url="")
    if Service.objects.filter(pk=service.pk, is_open=True).update(is_open=False):
        journal_change(service, ServiceAct.CLOSED, by)


def _place_at(service: Service, address: Address, by: ActorAndOrigin) -> ServiceAddress:
    is_whole_portal = can_manage_portal_services(by.actor)
    return add_place(service, address, AddressUse.SIGN_IN, is_whole_portal=is_whole_portal)


def _move(service: Service, address: Address, by: ActorAndOrigin) -> bool:
    """Leave the sign-in addresses for this one; False when it is there already, alone."""
    here = service.addresses.filter(use=AddressUse.SIGN_IN)
    place = {
        "scheme": address.scheme,
        "host": address.host,
        "port": address.port,
        "path_prefix": address.path.rstrip("/") or "/",
    }
    kept = here.filter(**place).first()
    if kept is None:
        here.all().delete()
        _place_at(service, address, by)
        return True
    removed, _ = here.exclude(pk=kept.pk).delete()
    return bool(removed)


def _open_to(service: Service, schools: Iterable[School]) -> bool:
    """Open to everybody of these schools, and of no other school."""
    wanted = list(schools)
    removed, _ = service.audiences.exclude(school__in=wanted).delete()
    known = set(
        service.audiences.filter(profile="", group__isnull=True).values_list("school_id", flat=True)
    )
    missing = [school for school in wanted if school.pk not in known]
    ServiceAudience.objects.bulk_create(
        ServiceAudience(service=service, school=school) for school in missing
    )
    return bool(removed or missing)
