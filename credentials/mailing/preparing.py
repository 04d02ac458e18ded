"""From claimed recipients to written mails: who may still be written to, a link each, the words."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.enums import AccountKind, AccountState
from accounts.models import Account
from credentials.enums import LinkPurpose, RecipientState, SkipReason
from credentials.mailing.writing import Addressee, Frame, Letter, UnwritableError, frame_of, write
from credentials.models import Campaign, CampaignRecipient
from credentials.services.links import issue_links, link_address
from ent.mail import is_mailable
from messaging.addresses import contact_addresses

logger = logging.getLogger(__name__)

_READ: Final = (
    "campaign",
    "address",
    "account__kind",
    "account__login",
    "account__state",
    "account__person__email",
    "account__person__family_name",
    "account__person__given_name",
    "account__person__left_at",
)
_UNWRITABLE: Final = "Ce courriel ne peut pas être écrit."


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mail that may leave."""

    recipient: int
    letter: Letter


def prepare(taken: Sequence[tuple[int, int]], *, now: datetime) -> list[Prepared]:
    """Return the mails of these recipients; who must not be written to is settled here.

    A handful of statements for the whole batch. The links are made now and stand nowhere but in
    the mails: a worker that dies takes those of the mails that it had not sent with it.
    """
    campaigns = {
        campaign.pk: frame_of(campaign)
        for campaign in Campaign.objects.select_related("school__authority").filter(
            pk__in={campaign for _, campaign in taken}
        )
    }
    with transaction.atomic():
        rows = list(
            CampaignRecipient.objects.select_related("account__person")
            .only(*_READ)
            .filter(pk__in=[recipient for recipient, _ in taken])
            .order_by("pk")
        )
        accounts = [row.account for row in rows if row.account is not None]
        addresses = contact_addresses(account.person_id for account in accounts)
        wanted = [row for row in rows if not _skipped(row, addresses, now)]
        tokens = issue_links(
            accounts=[row.account for row in wanted if row.account is not None],
            purpose=LinkPurpose.FIRST_PASSWORD,
        )
    return list(_written(wanted, campaigns, addresses, tokens, now))


def why_not(account: Account | None, address: str) -> SkipReason | None:
    """Say why this account is not written to now, None when it is (T-G11)."""
    if account is None or account.kind != AccountKind.LOCAL:
        return SkipReason.ERASED
    if account.person.left_at is not None:
        return SkipReason.LEFT
    if account.state == AccountState.BLOCKED:
        return SkipReason.BLOCKED
    if account.state != AccountState.PENDING:
        return SkipReason.ACTIVATED
    if not address:
        return SkipReason.BAD_ADDRESS if account.person.email else SkipReason.NO_ADDRESS
    return None if is_mailable(address) else SkipReason.BAD_ADDRESS


def _skipped(row: CampaignRecipient, addresses: dict[int, str], now: datetime) -> bool:
    """Set a recipient aside when there is a reason; keep the address that serves now otherwise."""
    account = row.account
    address = addresses.get(account.person_id, "") if account is not None else ""
    reason = why_not(account, address)
    if reason is None and address == row.address:
        return False
    mine = CampaignRecipient.objects.waiting().filter(pk=row.pk)
    if reason is not None:
        mine.update(state=RecipientState.SKIPPED, reason=reason, claim=None, ended_at=now)
        return True
    mine.update(address=address, domain=domain_of(address))
    row.address = address
    return False


def domain_of(address: str) -> str:
    """Return the domain of an address, in one case."""
    return address.rpartition("@")[2].lower()


def _written(
    rows: Iterable[CampaignRecipient],
    campaigns: dict[int, Frame],
    addresses: dict[int, str],
    tokens: dict[int, str],
    now: datetime,
) -> Iterable[Prepared]:
    for row in rows:
        account = row.account
        if account is None or account.pk not in tokens:
            continue
        person = Addressee(
            recipient=row.pk,
            address=addresses[account.person_id],
            name=f"{account.person.given_name} {account.person.family_name}".strip(),
            login=account.login,
            href=link_address(tokens[account.pk]),
        )
        try:
            letter = write(campaigns[row.campaign_id], person)
        except Exception as failure:
            _refuse(row, failure, now)
        else:
            yield Prepared(row.pk, letter)


def _refuse(row: CampaignRecipient, failure: Exception, now: datetime) -> None:
    """Nobody can write this mail: it is refused, the others go on."""
    logger.warning("mail %d cannot be written (%s)", row.pk, type(failure).__name__)
    words = str(failure) if isinstance(failure, UnwritableError) else _UNWRITABLE
    CampaignRecipient.objects.waiting().filter(pk=row.pk).update(
        state=RecipientState.REFUSED, claim=None, answer=words, ended_at=now
    )
