"""The catalogue in memory: which service an address belongs to, without asking the database.

Every process keeps the catalogue and asks every two seconds whether its version is still the same
(one row, one statement); a trigger draws another with each change. A service that was closed is
closed everywhere two seconds later.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings

from signin.enums import Realm
from signin.realms import current_realm
from sso.catalogue.addresses import (
    Address,
    AddressRefused,
    covers,
    read_address,
)
from sso.catalogue.models import RegistryStamp, Service
from sso.enums import AddressUse

_Key = tuple[str, str, int]


@dataclass(slots=True)
class Catalogue:
    """The services of one realm, as of one version."""

    version: UUID | None
    checked_at: float
    services: dict[int, Service] = field(default_factory=dict)
    _places: dict[_Key, list[Any]] = field(default_factory=lambda: defaultdict(list))
    _everywhere: set[int] = field(default_factory=set)
    _of_schools: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    _of_groups: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, service: Service) -> None:
        """Take a service in, with its addresses."""
        self.services[service.pk] = service
        for place in service.details.addresses:
            self._places[(place.scheme, place.host, place.port)].append(place)
        for audience in service.details.audiences:
            if audience.school_id is not None:
                self._of_schools[audience.school_id].add(service.pk)
            elif audience.group_id is not None:
                self._of_groups[audience.group_id].add(service.pk)
            else:
                self._everywhere.add(service.pk)

    def worth_deciding(
        self, *, schools: Iterable[int], groups: Iterable[int], named: Iterable[int]
    ) -> list[Service]:
        """The services that may open to somebody of these schools and classes, or named there.

        Every other one is refused without being looked at: of the three thousand services of a
        region's schools a person is asked for some twenty.
        """
        found = set(self._everywhere)
        found.update(*(self._of_schools.get(school, ()) for school in schools))
        found.update(*(self._of_groups.get(group, ()) for group in groups))
        found.update(named)
        return [self.services[pk] for pk in found if pk in self.services]

    def owner_of(self, address: Address, use: AddressUse) -> Service | None:
        """The service that the address belongs to: the longest path wins, then the oldest."""
        found = [
            place
            for place in self._places.get((address.scheme, address.host, address.port), ())
            if place.use == use and covers(place.path_prefix, address.path)
        ]
        if not found:
            return None
        best = min(found, key=lambda place: (-len(place.path_prefix), place.service_id))
        return self.services[best.service_id]


_lock = threading.Lock()
_known: dict[Realm, Catalogue] = {}


def catalogue(realm: Realm | None = None) -> Catalogue:
    """Return the catalogue of a realm, this process's own by default."""
    realm = realm or current_realm()
    known = _known.get(realm)
    if known is not None and time.monotonic() - known.checked_at < _seconds_between_looks():
        return known
    version = RegistryStamp.objects.values_list("version", flat=True).first()
    if known is not None and known.version == version:
        known.checked_at = time.monotonic()
        return known
    with _lock:
        known = _known.get(realm)
        if known is not None and known.version == version:  # read by another thread meanwhile
            known.checked_at = time.monotonic()
            return known
        fresh = Catalogue(version=version, checked_at=time.monotonic())
        for service in Service.objects.of_realm(realm).with_details():
            fresh.add(service)
        _known[realm] = fresh
    return fresh


def forget() -> None:
    """Read the catalogue anew at the next question (after a change in this process)."""
    _known.clear()


def find_service(text: str, use: AddressUse = AddressUse.SIGN_IN) -> tuple[Service, Address] | None:
    """Return the registered service of an address with the address, None when there is none."""
    try:
        address = read_address(text)
    except AddressRefused:
        return None
    service = catalogue().owner_of(address, use)
    return (service, address) if service is not None else None


def _seconds_between_looks() -> float:
    return float(settings.SSO_CATALOGUE_SECONDS)
