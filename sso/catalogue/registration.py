"""Services registered, changed, opened, closed and deleted (R-G2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from directory.models import School
from signin.realms import current_realm
from sso.catalogue.addresses import (
    Address,
    AddressRefused,
    covers,
    is_ours,
    read_address,
)
from sso.catalogue.journal import ServiceAct
from sso.catalogue.locking import (
    ActorAndOrigin,
    actor_now,
    journal_change,
    lock_service,
)
from sso.catalogue.models import ReleasedAttribute, Service, ServiceAddress
from sso.catalogue.perms import can_manage_portal_services, owner_schools
from sso.catalogue.presets import Preset
from sso.enums import AddressUse

#: Proxy tickets, ticket lengths and ages, single logout, rank: the portal's (decision 0046).
PORTAL_SETTINGS = ("logout_mode", "ticket_length", "ticket_seconds", "may_proxy", "position")
_TAKEN = (
    "Cette adresse est déjà celle d’un autre service. Précisez le début du chemin, ou demandez à"
    " l’administrateur ENT."
)
_ELSEWHERE = (
    "L’adresse d’entrée doit être l’une des adresses du service (onglet «\u00a0Adresses\u00a0»)."
)


@transaction.atomic
def register_service(
    *,
    preset: Preset,
    school: School | None,
    values: dict[str, Any],
    address: Address,
    with_usual_attributes: bool,
    by: ActorAndOrigin,
) -> Service:
    """Register a service with its first address; it opens to nobody yet.

    Its entry is that address until another one is chosen. Raises `ValidationError` when the address
    is taken.
    """
    actor = actor_now(by)
    if school is None and not can_manage_portal_services(actor):
        raise PermissionDenied("the portal's services are the portal's")
    if school is not None and not owner_schools(actor).filter(pk=school.pk).exists():
        raise PermissionDenied("not a school of theirs")
    one_at_a_time("code")
    service = Service(
        **values,
        code=free_code(values["name"], school),
        school=school,
        realm=current_realm(),
        home_url=address.text,
        ticket_length=preset.ticket_length,
        profile_vocabulary=preset.vocabulary,
    )
    service.full_clean()
    service.save()
    add_place(
        service, address, AddressUse.SIGN_IN, is_whole_portal=can_manage_portal_services(actor)
    )
    if with_usual_attributes:
        ReleasedAttribute.objects.bulk_create(
            ReleasedAttribute(service=service, name=name, source=source, format=written_as)
            for name, source, written_as in preset.usual_attributes
        )
    journal_change(service, ServiceAct.REGISTERED, by, kind=preset.key)
    return service


@transaction.atomic
def change_service(*, service: Service, values: dict[str, Any], by: ActorAndOrigin) -> Service:
    """Write the general settings; only what changed is named in the journal."""
    held = lock_service(service, by)
    changed = [name for name, value in values.items() if getattr(held, name) != value]
    if not changed:
        return held
    if set(changed).intersection(PORTAL_SETTINGS) and (
        not can_manage_portal_services(actor_now(by))
    ):
        raise PermissionDenied("the protocol's settings are the portal's")
    for name in changed:
        setattr(held, name, values[name])
    if "home_url" in changed and held.home_url and not is_own_address(held, held.home_url):
        raise ValidationError({"home_url": _ELSEWHERE})
    held.full_clean()
    held.save(update_fields=changed)
    journal_change(held, ServiceAct.CHANGED, by, fields=changed)
    return held


@transaction.atomic
def set_open(*, service: Service, is_open: bool, by: ActorAndOrigin) -> Service:
    """Open or close a service; nothing is lost, identifiers and accesses wait."""
    held = lock_service(service, by)
    if held.is_open == is_open:
        return held
    held.is_open = is_open
    held.save(update_fields=["is_open"])
    journal_change(held, ServiceAct.OPENED if is_open else ServiceAct.CLOSED, by)
    return held


@transaction.atomic
def delete_service(*, service: Service, by: ActorAndOrigin) -> None:
    """Delete a service with its accesses, figures and opaque identifiers, which never come back."""
    held = lock_service(service, by)
    journal_change(held, ServiceAct.DELETED, by)
    try:
        held.delete()
    except ProtectedError as error:
        raise ValidationError(
            "Ce service sert encore ailleurs dans l’ENT\u00a0: fermez-le plutôt."
        ) from error


@transaction.atomic
def add_address(
    *, service: Service, address: Address, use: AddressUse, by: ActorAndOrigin
) -> ServiceAddress:
    """Add one place of the service; `ValidationError` when it is taken."""
    held = lock_service(service, by)
    is_whole_portal = can_manage_portal_services(actor_now(by))
    if use == AddressUse.PROXY_CALLBACK and not is_whole_portal:
        raise PermissionDenied("proxy tickets are the portal's to allow")
    made = add_place(held, address, use, is_whole_portal=is_whole_portal)
    journal_change(held, ServiceAct.CHANGED, by, fields=["addresses"])
    return made


@transaction.atomic
def remove_address(*, service: Service, address: ServiceAddress, by: ActorAndOrigin) -> None:
    """Remove one place: never the last sign-in address, nor the one that the tile leads to."""
    held = lock_service(service, by)
    others = [one for one in held.addresses.all() if one.pk != address.pk]
    if address.use == AddressUse.SIGN_IN:
        if not any(one.use == AddressUse.SIGN_IN for one in others):
            raise ValidationError(
                "Un service garde au moins une adresse\u00a0: ajoutez d’abord la nouvelle."
            )
        if held.home_url and not _is_among(others, held.home_url):
            raise ValidationError(
                "L’adresse d’entrée du service est sous celle-ci\u00a0: changez-la d’abord dans"
                " «\u00a0Informations générales\u00a0»."
            )
    held.addresses.filter(pk=address.pk).delete()
    journal_change(held, ServiceAct.CHANGED, by, fields=["addresses"])


def is_own_address(service: Service, text: str) -> bool:
    """Does the address stand under one of the service's own sign-in addresses?"""
    return _is_among(list(service.addresses.all()), text)


def free_code(name: str, school: School | None) -> str:
    """Return a code that no service has; a school's carries its UAI."""
    start = slugify(name)[:40].strip("-") or "service"
    start = f"{school.uai.lower()}-{start}" if school is not None else start
    taken = set(Service.objects.filter(code__startswith=start).values_list("code", flat=True))
    code, number = start, 2
    while code in taken:
        code, number = f"{start}-{number}", number + 1
    return code


def one_at_a_time(name: str) -> None:
    """Wait for whoever asks the same question: until they commit, what they take looks free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sso.catalogue:{name}"]
        )


def _is_among(places: list[ServiceAddress], text: str) -> bool:
    try:
        address = read_address(text)
    except AddressRefused:
        return False
    return any(
        place.use == AddressUse.SIGN_IN
        and (place.scheme, place.host, place.port) == (address.scheme, address.host, address.port)
        and covers(place.path_prefix, address.path)
        for place in places
    )


def add_place(
    service: Service, address: Address, use: AddressUse, *, is_whole_portal: bool
) -> ServiceAddress:
    """Write the address, unless it would take another service's visitors away.

    The longest path wins, so the portal may share a host between services. A school's administrator
    may not stand above or below what is registered: their service would answer for another's.
    """
    prefix = urlsplit(address.text).path or "/"
    if not is_whole_portal and is_ours(address.host):
        raise ValidationError(
            "Cette adresse désigne l’ENT ou la machine où il tourne, pas un service."
        )
    one_at_a_time(f"host:{address.host}")
    there = ServiceAddress.objects.exclude(service=service).filter(
        use=use, scheme=address.scheme, host=address.host, port=address.port
    )
    for other in there:
        is_same = other.path_prefix == prefix
        overlaps = covers(other.path_prefix, prefix) or covers(prefix, other.path_prefix)
        if is_same or (overlaps and not is_whole_portal):
            raise ValidationError(_TAKEN)
    made = ServiceAddress(
        service=service,
        use=use,
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        path_prefix=prefix,
    )
    made.full_clean()
    made.save()
    return made
