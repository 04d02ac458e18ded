"""What the screens of mailings show: counts by state, one query each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from credentials.enums import CampaignState, RecipientState, SkipReason
from credentials.models import Campaign, CampaignRecipient
from credentials.services.campaigns import SENT_AGAIN

_TONES = {
    RecipientState.ACCEPTED: "good",
    RecipientState.REFUSED: "bad",
    RecipientState.RETURNED: "bad",
    RecipientState.UNCERTAIN: "warn",
    RecipientState.DEFERRED: "info",
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A mailing and its counts; they add up to everybody at every moment."""

    campaign: Campaign
    counts: Mapping[RecipientState, int]
    reasons: Mapping[SkipReason, int]

    @property
    def total(self) -> int:
        """How many accounts were chosen."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """How many are settled."""
        return self.total - sum(self.counts.get(state, 0) for state in RecipientState.open())

    @property
    def mails(self) -> int:
        """How many mails there are to send: nobody set aside is one."""
        return self.total - self.counts.get(RecipientState.SKIPPED, 0)

    @property
    def settled(self) -> int:
        """Of these mails, how many are settled."""
        return self.ended - self.counts.get(RecipientState.SKIPPED, 0)

    @property
    def accepted(self) -> int:
        """How many mails the server took."""
        return self.counts.get(RecipientState.ACCEPTED, 0)

    @property
    def failed(self) -> int:
        """How many can be sent again."""
        return sum(self.counts.get(state, 0) for state in SENT_AGAIN)

    @property
    def is_running(self) -> bool:
        """Is it being sent?"""
        return self.campaign.state == CampaignState.RUNNING

    @property
    def is_stopped(self) -> bool:
        """Can it be taken up?"""
        return self.campaign.state == CampaignState.CANCELLED

    @property
    def without_address(self) -> int:
        """How many have no address."""
        return self.reasons.get(SkipReason.NO_ADDRESS, 0)

    @property
    def figures(self) -> list[tuple[str, int, str]]:
        """The states that concern somebody, for the component of the same name."""
        return [
            (str(state.label), self.counts[state], _TONES.get(state, "neutral"))
            for state in RecipientState
            if self.counts.get(state)
        ]

    @property
    def filters(self) -> list[tuple[str, str, int]]:
        """(value, label, number) of the states and reasons by which the list is narrowed."""
        states = [
            (s.value, str(s.label), self.counts[s]) for s in RecipientState if self.counts.get(s)
        ]
        reasons = [
            (r.value, f"Écarté\u00a0: {r.label}", self.reasons[r])
            for r in SkipReason
            if self.reasons.get(r)
        ]
        return [*states, *reasons]


def followed(campaign: Campaign) -> Followed:
    """Count the recipients of a mailing: two queries."""
    reasons = (
        campaign.recipients.filter(state=RecipientState.SKIPPED)
        .order_by()
        .values_list("reason")
        .annotate(Count("pk"))
    )
    return Followed(
        campaign,
        campaign.recipients.count_by_state(),
        {SkipReason(reason): number for reason, number in reasons},
    )


def counted_campaigns(campaigns: Iterable[Campaign]) -> list[Followed]:
    """Count the recipients of the mailings of a page: one query."""
    found = list(campaigns)
    rows = (
        CampaignRecipient.objects.filter(campaign__in=[campaign.pk for campaign in found])
        .order_by()
        .values_list("campaign", "state")
        .annotate(Count("pk"))
    )
    counts: dict[int, dict[RecipientState, int]] = {campaign.pk: {} for campaign in found}
    for campaign_id, state, number in rows:
        counts[campaign_id][RecipientState(state)] = number
    return [Followed(campaign, counts[campaign.pk], {}) for campaign in found]


def listed_recipients(campaign: Campaign, wanted: str) -> QuerySet[CampaignRecipient]:
    """Return the recipients in a state, or set aside for a reason, by name."""
    rows = campaign.recipients.select_related("account__person").order_by(
        "account__person__sort_key", "pk"
    )
    if wanted in RecipientState.values:
        return rows.filter(state=wanted)
    if wanted in SkipReason.values:
        return rows.filter(reason=wanted)
    return rows
