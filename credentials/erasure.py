"""What erased persons leave in this room: their lines in mailings (T-M6)."""

from __future__ import annotations

from collections.abc import Sequence

from credentials.mailing.models import CampaignRecipient


def erase(person_ids: Sequence[int]) -> None:
    """Keep the counts of the mailings, with nobody behind them.

    What waits is set aside by the next round, since there is no account any more.
    """
    CampaignRecipient.objects.filter(account__person__in=person_ids).update(
        account=None, address="", domain="", answer=""
    )
