"""What the screens of mailings show: counts by state, one query each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, When

from credentials.enums import CampaignState, RecipientState, SkipReason
from credentials.mailing.models import Campaign, CampaignRecipient
from credentials.mailing.services import SENT_AGAIN
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_persons

#: The filter of the list that holds whoever needs a letter.
UNREACHABLE: Final = "sans-adresse-utilisable"
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
    def turned_away(self) -> int:
        """To how many a server refused the mail for good, or gave it back."""
        return sum(self.counts.get(s, 0) for s in (RecipientState.REFUSED, RecipientState.RETURNED))

    @property
    def without_address(self) -> int:
        """How many have no address to which a mail may go: they need a letter."""
        return sum(self.reasons.get(reason, 0) for reason in SkipReason.unreachable())

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
        letters = (UNREACHABLE, "Sans adresse utilisable\u00a0: à joindre par lettre")
        both = (
            [(*letters, self.without_address)] if len(reasons) > 1 and self.without_address else []
        )
        return [*states, *both, *reasons]


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


def listed_recipients(
    campaign: Campaign, wanted: str, *, actor: Actor
) -> QuerySet[CampaignRecipient]:
    """Return the recipients in a state, or set aside for a reason, by name.

    `is_here` says whether they are still of the school: of whoever has gone to another one, today's
    name is that school's to know. They come last.
    """
    here = visible_persons(actor, Act.CREDENTIAL_FILES).in_schools([campaign.school_id])
    is_here = Exists(here.filter(pk=OuterRef("account__person_id")))
    rows = (
        campaign.recipients.select_related("account__person")
        .annotate(is_here=is_here)
        .annotate(name_here=Case(When(is_here=True, then=F("account__person__sort_key"))))
        .order_by(F("name_here").asc(nulls_last=True), "pk")
    )
    if wanted == UNREACHABLE:
        return rows.filter(reason__in=SkipReason.unreachable())
    if wanted in RecipientState.values:
        return rows.filter(state=wanted)
    if wanted in SkipReason.values:
        return rows.filter(reason=wanted)
    return rows
