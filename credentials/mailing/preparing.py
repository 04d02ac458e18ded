"""From claimed recipients to written mails: who may still be written to, a link each, the words."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from accounts.enums import AccountKind, AccountState
from credentials.enums import LinkPurpose, RecipientState, SkipReason
from credentials.links.services import issue_links, link_address
from credentials.mailing.models import Campaign, CampaignRecipient
from credentials.mailing.verdicts import Tries
from credentials.mailing.writing import Addressee, Frame, Letter, UnwritableError, frame_of, write
from ent.pages.names import person_name
from messaging.addresses.known import Addresses

logger = logging.getLogger(__name__)

_UNWRITABLE: Final = "Ce courriel ne peut pas être écrit."


class Candidate(NamedTuple):
    """What is known of a recipient now; no account, or none of its fields, once it was erased."""

    recipient: int
    campaign: int
    copied_address: str
    account: int | None
    kind: str | None
    login: str
    state: str | None
    email: str | None
    given_name: str
    family_name: str
    left_at: datetime | None
    chosen: str | None
    attempts: int
    doubts: int
    silences: int
    first_at: datetime | None
    next_at: datetime | None

    @property
    def contact(self) -> str:
        """The address that serves now, "" when none does."""
        return Addresses(feed=self.email or "", chosen=self.chosen or "").contact

    @property
    def tries(self) -> Tries:
        """What was tried before."""
        return Tries(
            attempts=self.attempts,
            doubts=self.doubts,
            silences=self.silences,
            first_at=self.first_at,
        )


_READ: Final = (
    "pk",
    "campaign_id",
    "address",
    "account_id",
    "account__kind",
    "account__login",
    "account__state",
    "account__person__email",
    "account__person__given_name",
    "account__person__family_name",
    "account__person__left_at",
    "account__person__notification_address__email",
    "attempts",
    "doubts",
    "silences",
    "first_at",
    "next_at",
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mail that may leave."""

    recipient: int
    letter: Letter
    tries: Tries


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
        rows = CampaignRecipient.objects.filter(pk__in=[recipient for recipient, _ in taken])
        candidates = [Candidate(*row) for row in rows.order_by("pk").values_list(*_READ)]
        # Who was never tried goes first: a few that fail again and again keep nobody waiting.
        candidates.sort(key=lambda one: (one.next_at is not None, one.recipient))
        addresses = {one.recipient: one.contact for one in candidates}
        wanted = [one for one in candidates if not _skipped(one, addresses, now)]
        tokens = issue_links(
            account_ids=[one.account for one in wanted if one.account is not None],
            purpose=LinkPurpose.FIRST_PASSWORD,
        )
    return list(_written(wanted, campaigns, addresses, tokens, now))


def why_not(candidate: Candidate, address: str) -> SkipReason | None:
    """Say why this recipient is not written to now, None when they are (T-G11)."""
    if candidate.account is None or candidate.kind != AccountKind.LOCAL:
        return SkipReason.ERASED
    if candidate.left_at is not None:
        return SkipReason.LEFT
    if candidate.state == AccountState.BLOCKED:
        return SkipReason.BLOCKED
    if candidate.state != AccountState.PENDING:
        return SkipReason.ACTIVATED
    if address:
        return None
    written = candidate.chosen or candidate.email or ""
    return SkipReason.BAD_ADDRESS if written.strip() else SkipReason.NO_ADDRESS


def _skipped(candidate: Candidate, addresses: dict[int, str], now: datetime) -> bool:
    """Set a recipient aside when there is a reason; copy the address that serves now otherwise."""
    address = addresses[candidate.recipient]
    reason = why_not(candidate, address)
    if reason is None and address == candidate.copied_address:
        return False
    mine = CampaignRecipient.objects.waiting().filter(pk=candidate.recipient)
    if reason is not None:
        mine.update(state=RecipientState.SKIPPED, reason=reason, claim=None, ended_at=now)
        return True
    mine.update(address=address, domain=domain_of(address))
    return False


def domain_of(address: str) -> str:
    """Return the domain of an address, in one case."""
    return address.rpartition("@")[2].lower()


def _written(
    wanted: Iterable[Candidate],
    campaigns: dict[int, Frame],
    addresses: dict[int, str],
    tokens: dict[int, str],
    now: datetime,
) -> Iterable[Prepared]:
    for one in wanted:
        if one.account not in tokens:
            continue
        person = Addressee(
            recipient=one.recipient,
            address=addresses[one.recipient],
            name=person_name(one.given_name, one.family_name),
            login=one.login,
            href=link_address(tokens[one.account]),
        )
        try:
            letter = write(campaigns[one.campaign], person)
        except Exception as failure:
            _refuse(one.recipient, failure, now)
        else:
            yield Prepared(one.recipient, letter, one.tries)


def _refuse(recipient: int, failure: Exception, now: datetime) -> None:
    """Nobody can write this mail: it is refused, the others go on."""
    logger.warning("mail %d cannot be written (%s)", recipient, type(failure).__name__)
    words = str(failure) if isinstance(failure, UnwritableError) else _UNWRITABLE
    CampaignRecipient.objects.waiting().filter(pk=recipient).update(
        state=RecipientState.REFUSED, claim=None, answer=words, ended_at=now
    )
