"""Validating a ticket: kill it, then check it, then say what the contract releases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from accounts.enums import AccountState
from directory.enums import Profile
from sso.access import why_closed
from sso.addresses import is_same, read_address
from sso.contracts import released_at_validation
from sso.enums import FailureCode, TicketKind
from sso.models import Service
from sso.proxies import grant_proxy
from sso.registry import catalogue
from sso.release import NothingToRelease, Released
from sso.tickets import Spent, consume


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
    proxies: list[str] = field(default_factory=list)
    grant_iou: str = ""


def validate(
    *,
    value: str,
    address: str,
    renew: bool = False,
    accepts_proxy: bool = False,
    proxy_callback: str = "",
) -> Validated:
    """Consume the ticket and answer for its owner, or raise `ValidationFailed`."""
    if not value or not address:
        raise ValidationFailed(FailureCode.INVALID_REQUEST, "ticket and service are required")
    spent = consume(value)
    if spent is None:
        raise ValidationFailed(FailureCode.INVALID_TICKET)
    service = _checked(spent, address, renew=renew, accepts_proxy=accepts_proxy)
    try:
        released = released_at_validation(service, spent, user_only=_is_plain(service, spent))
    except NothingToRelease:
        raise ValidationFailed(FailureCode.INTERNAL_ERROR) from None
    validated = Validated(
        released=released,
        address=spent.address,
        authenticated_at=spent.authenticated_at,
        is_primary=spent.is_primary,
        proxies=spent.proxies,
    )
    if proxy_callback:
        return replace(validated, grant_iou=_grant(service, spent, proxy_callback))
    return validated


def _checked(spent: Spent, address: str, *, renew: bool, accepts_proxy: bool) -> Service:
    """Check a ticket that is dead already; the order decides which error is named."""
    if spent.kind == TicketKind.PROXY and not accepts_proxy:
        raise ValidationFailed(FailureCode.INVALID_TICKET_SPEC)
    if timezone.now() > spent.expires_at:
        raise ValidationFailed(FailureCode.INVALID_TICKET, "The ticket has expired")
    if not is_same(spent.address, address):
        raise ValidationFailed(FailureCode.INVALID_SERVICE)
    if renew and not spent.is_primary:
        raise ValidationFailed(
            FailureCode.INVALID_TICKET, "The ticket did not come from an initial login"
        )
    if (
        spent.account_state == AccountState.BLOCKED
        or spent.has_left
        or spent.profile == Profile.CONTACT
    ):
        raise ValidationFailed(FailureCode.INVALID_TICKET)
    service = catalogue().services.get(spent.service_id)
    if service is None or why_closed(service, timezone.localdate()) is not None:
        raise ValidationFailed(FailureCode.UNAUTHORIZED_SERVICE)
    return service


def _is_plain(service: Service, spent: Spent) -> bool:
    """Over http only the user is told, unless the contract accepts that others may read along."""
    return not service.releases_over_http and read_address(spent.address).scheme != "https"


def _grant(service: Service, spent: Spent, callback: str) -> str:
    """Hand a proxy grant over to the service's callback and return its IOU."""
    if not service.may_proxy:
        raise ValidationFailed(FailureCode.UNAUTHORIZED_SERVICE_PROXY)
    iou = grant_proxy(service=service, spent=spent, callback=callback)
    if iou is None:
        raise ValidationFailed(FailureCode.INVALID_PROXY_CALLBACK)
    return iou
