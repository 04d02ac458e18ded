"""Proxy grants: a service acts for somebody at another one. Off unless its record allows it."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import Method
from accounts.models import Account
from accounts.services.steps import must_choose_password
from accounts.services.verification import is_enough
from accounts.sessions import current_realm, is_sign_on_alive
from accounts.strength import sign_on_has_strength, sign_on_methods
from sso.access import Facts, decide, facts_of
from sso.addresses import AddressRefused, read_address
from sso.enums import AddressUse, FailureCode, RequiredStrength, TicketKind
from sso.models import ProxyGrant, Service
from sso.outbound import get_status
from sso.principals import Principal
from sso.registry import catalogue, find_service
from sso.returning import with_parameters
from sso.tickets import GRANT_LENGTH, LONGEST, SignOnOver, Spent, hash_of, issue, random_value

_LIVING = "SELECT 1 FROM accounts_session WHERE sign_on = %s FOR KEY SHARE"


class ProxyRefused(Exception):
    """No proxy ticket is issued."""

    def __init__(self, code: FailureCode, description: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.description = description or str(code.label)


def grant_proxy(*, service: Service, spent: Spent, callback: str) -> str | None:
    """Give a proxy-granting ticket to the callback and return its IOU; None when it is unusable.

    The callback must be https and registered as this service's own: nothing is sent elsewhere.
    """
    try:
        address = read_address(callback)
    except AddressRefused:
        return None
    if address.scheme != "https":
        return None
    if catalogue().owner_of(address, AddressUse.PROXY_CALLBACK) != service:
        return None
    value, iou = random_value("PGT", GRANT_LENGTH), random_value("PGTIOU", GRANT_LENGTH)
    if get_status(with_parameters(address.text, [("pgtId", value), ("pgtIou", iou)])) != 200:
        return None
    return iou if _keep(value, service, spent, callback) else None


@transaction.atomic
def _keep(value: str, service: Service, spent: Spent, callback: str) -> bool:
    """Write the grant while its sign-on lives; it dies with it."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVING, [spent.sign_on])
        if cursor.fetchone() is None:
            return False
    ProxyGrant.objects.create(
        hash=hash_of(value),
        realm=current_realm(),
        account_id=spent.account_id,
        service=service,
        sign_on=spent.sign_on,
        profile=spent.profile,
        proxies=[callback, *spent.proxies],
        authenticated_at=spent.authenticated_at,
        created_at=timezone.now(),
    )
    return True


def issue_proxy_ticket(*, value: str, target: str) -> str:
    """Return a proxy ticket for another service, or raise `ProxyRefused`."""
    if not value or not target:
        raise ProxyRefused(FailureCode.INVALID_REQUEST, "pgt and targetService are required")
    grant = _grant_of(value)
    if grant is None or grant.account is None or not _lives(grant, grant.account):
        raise ProxyRefused(FailureCode.INVALID_TICKET, "The proxy-granting ticket is not valid")
    found = find_service(target)
    if found is None:
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE)
    service = found[0]
    proxies = {proxy.pk for proxy in service.allowed_proxies.all()}
    if grant.service_id not in proxies:
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE_PROXY)
    today = timezone.localdate()
    facts = facts_of(grant.account.person, today)
    if not decide(service, facts, today).is_allowed:
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE)
    if _has_step_due(grant, grant.account, facts):
        raise ProxyRefused(FailureCode.UNAUTHORIZED_SERVICE, "The user has to sign in again first")
    if not _is_strong_enough(grant, service):
        raise ProxyRefused(
            FailureCode.UNAUTHORIZED_SERVICE, "The service requires a stronger authentication"
        )
    try:
        return issue(
            principal=_principal_of(grant, grant.account),
            service=service,
            address=target,
            is_primary=False,
            kind=TicketKind.PROXY,
            proxies=grant.proxies,
        )
    except SignOnOver:
        raise ProxyRefused(FailureCode.INVALID_TICKET) from None


def _lives(grant: ProxyGrant, account: Account) -> bool:
    """A service acts for nobody whose own session would be dead at its next request (T-B3)."""
    return account.is_active and is_sign_on_alive(grant.sign_on)


def _has_step_due(grant: ProxyGrant, account: Account, facts: Facts) -> bool:
    """Whoever gets no ticket in their browser before a step gets none through a service (R-B7)."""
    if must_choose_password(account):
        return True
    is_bound = account.is_operator or facts.must_use_second_factor
    return is_bound and not is_enough(sign_on_methods(grant.sign_on), account)


def _is_strong_enough(grant: ProxyGrant, service: Service) -> bool:
    """A service in between is no way round the proof that this one requires (R-C6)."""
    required = service.required_strength
    return required == RequiredStrength.NONE or sign_on_has_strength(
        grant.sign_on, Method(required)
    )


def _grant_of(value: str) -> ProxyGrant | None:
    if len(value) > LONGEST or not value.isascii():
        return None
    grants = ProxyGrant.objects.select_related("account__person")
    grant = grants.filter(hash=hash_of(value), realm=current_realm()).first()
    if grant is None or grant.service_id not in catalogue().services:
        return None
    return grant if catalogue().services[grant.service_id].may_proxy else None


def _principal_of(grant: ProxyGrant, account: Account) -> Principal:
    return Principal(
        account_id=account.pk,
        person=account.person,
        sign_on=grant.sign_on,
        authenticated_at=grant.authenticated_at,
    )
