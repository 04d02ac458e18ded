"""Services, opaque identifiers, tickets, single logout."""

from sso.models.identifiers import ServiceIdentifier
from sso.models.services import (
    ReleasedAttribute,
    Service,
    ServiceAddress,
    ServiceAudience,
    ServiceGrant,
)
from sso.models.tickets import LogoutNotice, ProxyGrant, RegistryStamp, ServiceUsage, Ticket

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
