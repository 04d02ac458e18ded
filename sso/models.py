"""Every model of the room, for Django; inside the room import each from its own module."""

from sso.catalogue.models import (
    RegistryStamp,
    ReleasedAttribute,
    Service,
    ServiceAddress,
    ServiceAudience,
    ServiceGrant,
)
from sso.logout.models import LogoutNotice
from sso.release.models import ServiceIdentifier
from sso.tickets.models import ProxyGrant, Ticket
from sso.usage.models import ServiceUsage

__all__ = [
    "LogoutNotice",
    "ProxyGrant",
    "RegistryStamp",
    "ReleasedAttribute",
    "Service",
    "ServiceAddress",
    "ServiceAudience",
    "ServiceGrant",
    "ServiceIdentifier",
    "ServiceUsage",
    "Ticket",
]
