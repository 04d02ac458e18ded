"""Proxy grants: a service acts for somebody at another one. Off unless its record allows it."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from ent.database import clock
from signin.enums import Method
from signin.realms import current_realm
from sso.catalogue.access import AccessFacts, access_facts, decide
from sso.catalogue.addresses import AddressRefused, read_address, with_parameters
from sso.catalogue.models import Service
from sso.catalogue.registry import catalogue, find_service
from sso.enums import AddressUse, FailureCode, RequiredStrength, TicketKind
from sso.outbound import get_status
from sso.realms import SignOn, sso_policy
from sso.tickets.issuing import (
    GRANT_LENGTH,
    LONGEST,
    Consumption,
    SignOnOver,
    hash_of,
    issue,
    random_value,
)
from sso.tickets.models import ProxyGrant

#: Characters of a callback's address, as grants and tickets keep it.
_LONGEST_CALLBACK = 2000
_LIVING = "SELECT 1 FROM signin_session WHERE sign_on = %s FOR KEY SHARE"


class ProxyRefused(Exception):
    """No proxy ticket is issued."""

    def __init__(self, code: FailureCode, description: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.description = description or str(code.label)


def grant_proxy(*, service: Service, consumption: Consumption, callback: str) -> str | None:
    """Give a proxy-granting ticket to the callback and return its IOU; None when it is unusable.

    The callback must be https and registered as this service's own: nothing is sent elsewhere.
    """
    try:
        address = read_address(callback)
    except AddressRefused:
        return None
    if address.scheme != "https" or len(callback) > _LONGEST_CALLBACK:
        return None
    if catalogue().owner_of(address, AddressUse.PROXY_CALLBACK) != service:
        return None
    value, iou = random_value("PGT", GRANT_LENGTH), random_value("PGTIOU", GRANT_LENGTH)
    if get_status(with_parameters(address.text, [("pgtId", value), ("pgtIou", iou)])) != 200:
        return None
    return iou if _keep(value, service, consumption, callback) else None


@transaction.atomic
def _keep(value: str, service: Service, consumption: Consumption, callback: str) -> bool:
    """Write the grant while its sign-on lives; it dies with it."""
    ticket = consumption.ticket
    with connection.cursor() as cursor:
        cursor.execute(_LIVING, [ticket.sign_on])
        if cursor.fetchone() is None:
            return False
    ProxyGrant.objects.create(
        hash=hash_of(value),
        realm=current_realm(),
        subject=ticket.subject,
        service=service,
        sign_on=ticket.sign_on,
        profile=consumption.owner.facts.profile,
        proxies=[callback, *ticket.proxies],
        authenticated_at=ticket.authenticated_at,
        created_at=clock.now(),
    )
    return True


def issue_proxy_ticket(*, value: str, target: str) -> str:
    """Return a proxy ticket for another service, or raise `ProxyRefused`."""
    if not value or not target:
        raise ProxyRefused(FailureCode.INVALID_REQUEST, "pgt and targetService are required")
    grant = _grant_of(value)
    sign_on = _living_sign_on(grant) if grant is not None else None
    if grant is None or sign_on is None:
        raise ProxyRefused(FailureCode.INVALID_TICKET, "The proxy-granting ticket is not valid")
    service = _target_of(grant, target)
    facts = access_facts(sign_on.person)
    if not decide(service, facts, timezone.localdate()).is_allowed:
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE)
    _require_proof(sign_on, service, facts)
    try:
        return issue(
            sign_on=sign_on,
            service=service,
            address=target,
            is_primary=False,
            kind=TicketKind.PROXY,
            proxies=grant.proxies,
        )
    except SignOnOver:
        raise ProxyRefused(FailureCode.INVALID_TICKET) from None


def _grant_of(value: str) -> ProxyGrant | None:
    """Return the living grant of a service that may still act for others."""
    if len(value) > LONGEST or not value.isascii():
        return None
    grant = ProxyGrant.objects.filter(hash=hash_of(value), realm=current_realm()).first()
    if grant is None or grant.service_id not in catalogue().services:
        return None
    return grant if catalogue().services[grant.service_id].may_proxy else None


def _living_sign_on(grant: ProxyGrant) -> SignOn | None:
    """A service acts for nobody whose own session would be dead at its next request (T-B3)."""
    return sso_policy().find_sign_on(
        subject=grant.subject, sign_on=grant.sign_on, authenticated_at=grant.authenticated_at
    )


def _target_of(grant: ProxyGrant, target: str) -> Service:
    """Return the service of the address, which must accept the grant's service as its proxy."""
    found = find_service(target)
    if found is None:
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE)
    if grant.service_id not in found[0].details.proxy_ids:
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE_PROXY)
    return found[0]


def _require_proof(sign_on: SignOn, service: Service, facts: AccessFacts) -> None:
    """A service in between is no way round a forced step (R-B7) nor a required proof (R-C6)."""
    if sso_policy().has_step_due(sign_on, facts):
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE, "The user has to sign in again first")
    required = service.required_strength
    if required != RequiredStrength.NONE and Method(required) not in sign_on.methods:
        raise ProxyRefused(
            FailureCode.UNAUTHORIZED_SERVICE, "The service requires a stronger authentication"
        )
