"""The demonstration's services, played by a process that is not the ENT."""

from __future__ import annotations

import os
from datetime import timedelta

from django.utils import timezone

from demo.stand_in.catalogue import PLAYED, Played
from directory.enums import Profile
from sso.catalogue.addresses import read_address
from sso.enums import AddressUse, AttributeFormat, AttributeSource
from sso.models import ReleasedAttribute, Service, ServiceAddress, ServiceAudience, ServiceUsage

#: An empty tuple opens to everybody.
_PROFILES: dict[str, tuple[Profile, ...]] = {
    "textes": (Profile.PUPIL, Profile.GUARDIAN, Profile.TEACHER),
    "mediatheque": (),
    "manuels": (Profile.PUPIL, Profile.TEACHER),
    "salle": Profile.of_the_feed_staff(),
}
_CONTRACTS: dict[str, tuple[tuple[str, AttributeSource], ...]] = {
    "textes": (("prenom", AttributeSource.GIVEN_NAME), ("classe", AttributeSource.CLASSES)),
}
_DAYS_OF_USAGE = 80


def register_services() -> int:
    """Register the services, or correct their addresses; say how many.

    Without the process that plays them (`DEMO_SERVICES_PORT`) their tiles lead to example
    addresses.
    """
    port = os.environ.get("DEMO_SERVICES_PORT", "")
    for position, played in enumerate(PLAYED):
        _register(played, position, port)
    return len(PLAYED)


def _register(played: Played, position: int, port: str) -> None:
    address = (
        f"http://127.0.0.1:{port}/{played.code}/" if port else f"https://{played.code}.example.org/"
    )
    service, is_new = Service.objects.update_or_create(
        code=f"demo-{played.code}",
        defaults={"home_url": address},
        create_defaults={
            "home_url": address,
            "name": played.name,
            "description": played.words,
            "icon": played.icon,
            "position": position,
            "releases_over_http": played.code in _CONTRACTS,
        },
    )
    _place(service, address)
    if is_new:
        _open(service, played)


def _place(service: Service, text: str) -> None:
    address = read_address(text)
    place = {
        "use": AddressUse.SIGN_IN,
        "scheme": address.scheme,
        "host": address.host,
        "port": address.port,
        "path_prefix": address.path,
    }
    if not service.addresses.filter(**place).exists():
        service.addresses.all().delete()
        ServiceAddress.objects.create(service=service, **place)


def _open(service: Service, played: Played) -> None:
    profiles = _PROFILES[played.code]
    ServiceAudience.objects.bulk_create(
        ServiceAudience(service=service, profile=profile) for profile in profiles or [""]
    )
    ReleasedAttribute.objects.bulk_create(
        ReleasedAttribute(service=service, name=name, source=source, format=AttributeFormat.PLAIN)
        for name, source in _CONTRACTS.get(played.code, ())
    )
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in range(1, _DAYS_OF_USAGE)]
    ServiceUsage.objects.bulk_create(
        ServiceUsage(
            service=service,
            day=day,
            profile=profile,
            visits=(day.toordinal() * 37 + rank * 53) % 160 + 20 if day.weekday() < 5 else 6,
        )
        for day in days
        for rank, profile in enumerate(profiles or (Profile.PUPIL, Profile.GUARDIAN))
    )
