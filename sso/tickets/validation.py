"""Validating a ticket: kill it, then check it, then say what the contract releases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from ent.database import clock
from signin.enums import Method
from sso.catalogue.access import why_closed
from sso.catalogue.addresses import is_same, read_address
from sso.catalogue.models import Service
from sso.catalogue.registry import catalogue
from sso.enums import FailureCode, RequiredStrength, TicketKind
from sso.realms import sso_policy
from sso.release.contracts import released_at_validation
from sso.release.rules import Attributes, NothingToRelease, Released
from sso.tickets.issuing import ConsumedTicket, Consumption, consume
from sso.tickets.proxies import grant_proxy


class ValidationFailed(Exception):
    """The ticket is dead and proves nothing."""

    def __init__(self, code: FailureCode, description: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.description = description or str(code.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """What a validation answers, whatever the dialect."""

    released: Released
    address: str
    authenticated_at: datetime
    is_primary: bool
    about_sign_in: Attributes
    """What the realm tells of the sign-in itself."""
    proxies: list[str] = field(default_factory=list)
    grant_iou: str = ""


def validate(
    *,
    value: str,
    address: str,
    renew: bool = False,
    accepts_proxy: bool = False,
    proxy_callback: str = "",
    fault: str = "",
) -> Validated:
    """Consume the ticket and answer for its owner, or raise `ValidationFailed`.

    *fault* says what is wrong with the request that brings the ticket: nothing is answered, and the
    ticket is dead all the same.
    """
    consumption = consume(value)
    if fault or not value or not address:
        words = fault or "ticket and service are required"
        raise ValidationFailed(FailureCode.INVALID_REQUEST, words)
    if consumption is None:
        raise ValidationFailed(FailureCode.INVALID_TICKET)
    service = _checked(consumption, address, renew=renew, accepts_proxy=accepts_proxy)
    ticket, owner = consumption.ticket, consumption.owner
    try:
        released = released_at_validation(
            service,
            owner.facts,
            person_id=owner.person_id,
            identifier=consumption.identifier,
            user_only=_is_plain(service, ticket),
        )
    except NothingToRelease:
        raise ValidationFailed(FailureCode.INTERNAL_ERROR) from None
    validated = Validated(
        released=released,
        address=ticket.address,
        authenticated_at=ticket.authenticated_at,
        is_primary=ticket.is_primary,
        about_sign_in=sso_policy().sign_in_attributes(ticket.proved),
        proxies=ticket.proxies,
    )
    if proxy_callback:
        return replace(validated, grant_iou=_grant(service, consumption, proxy_callback))
    return validated


def _checked(
    consumption: Consumption, address: str, *, renew: bool, accepts_proxy: bool
) -> Service:
    """Check a ticket that is dead already; the order decides which error is named."""
    ticket = consumption.ticket
    if ticket.kind == TicketKind.PROXY and not accepts_proxy:
        raise ValidationFailed(FailureCode.INVALID_TICKET_SPEC)
    if clock.now() > ticket.expires_at:
        raise ValidationFailed(FailureCode.INVALID_TICKET, "The ticket has expired")
    if not is_same(ticket.address, address):
        raise ValidationFailed(FailureCode.INVALID_SERVICE)
    if renew and not ticket.is_primary:
        raise ValidationFailed(
            FailureCode.INVALID_TICKET, "The ticket did not come from an initial login"
        )
    if not consumption.owner.may_enter:
        raise ValidationFailed(FailureCode.INVALID_TICKET)
    service = catalogue().services.get(ticket.service_id)
    if service is None or why_closed(service, timezone.localdate()) is not None:
        raise ValidationFailed(FailureCode.UNAUTHORIZED_SERVICE)
    if not _is_strong_enough(service, consumption):
        raise ValidationFailed(
            FailureCode.INVALID_TICKET, "The ticket was issued before a stronger proof was required"
        )
    return service


def _is_strong_enough(service: Service, consumption: Consumption) -> bool:
    """Was everything proved that is required now? A rule holds for tickets of before it, too."""
    required = {consumption.owner.required} - {None}
    if service.required_strength != RequiredStrength.NONE:
        required.add(Method(service.required_strength))
    return required <= consumption.ticket.proved


def _is_plain(service: Service, ticket: ConsumedTicket) -> bool:
    """Over http only the user is told, unless the contract accepts that others may read along."""
    return not service.releases_over_http and read_address(ticket.address).scheme != "https"


def _grant(service: Service, consumption: Consumption, callback: str) -> str:
    """Hand a proxy grant over to the service's callback and return its IOU."""
    if not service.may_proxy:
        raise ValidationFailed(FailureCode.UNAUTHORIZED_SERVICE_PROXY)
    iou = grant_proxy(service=service, consumption=consumption, callback=callback)
    if iou is None:
        raise ValidationFailed(FailureCode.INVALID_PROXY_CALLBACK)
    return iou
