"""Mails whose end nobody saw: a worker died, or the connection broke, before the answer.

With a relay on this machine its log tells, once the relay cannot be waiting for the end of the mail
any more: taken, or sent again. Without a log to read the mail is shown as uncertain and somebody
decides. With a server elsewhere the settings say: sent once more (somebody may get it twice), then
shown, or shown at once. The screens say which.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import F

from credentials.enums import RecipientState
from credentials.mailing.identity import message_id
from credentials.mailing.models import CampaignRecipient
from credentials.mailing.outcomes import Ending
from credentials.mailing.relay_log import taken_by_relay
from credentials.mailing.verdicts import Tries, judge

_BATCH = 500


class DoubtPolicy(StrEnum):
    """What becomes of a mail in doubt, in the words of the screens."""

    LOG = (
        "Si un envoi est interrompu, le journal du relais de courriel dit si le message est parti "
        "avant tout nouvel essai\u00a0: personne n’est oublié, personne ne le reçoit deux fois."
    )
    SHOWN = (
        "Si un envoi est interrompu au milieu d’un message, ce message est montré comme incertain "
        "et vous décidez\u00a0: personne ne le reçoit deux fois sans que vous l’ayez voulu."
    )
    RESENT = (
        "Si un envoi est interrompu au milieu d’un message, ce message est envoyé une seconde "
        "fois\u00a0: quelqu’un peut le recevoir deux fois. S’il est interrompu encore, il est "
        "montré comme incertain et vous décidez."
    )


def policy() -> DoubtPolicy:
    """Return what the settings choose."""
    if settings.MAIL_RELAY_IS_LOCAL:
        return DoubtPolicy.LOG if settings.MAIL_RELAY_LOG else DoubtPolicy.SHOWN
    return DoubtPolicy.RESENT if settings.MAIL_RESENDS_DOUBTFUL else DoubtPolicy.SHOWN


def settle_doubts(*, now: datetime) -> int:
    """Settle the mails in doubt that can be settled; return how many."""
    chosen = policy()
    doubtful = CampaignRecipient.objects.filter(state=RecipientState.SENDING, claim__isnull=True)
    if chosen is DoubtPolicy.LOG:
        ripe = now - timedelta(seconds=settings.MAIL_RECONCILE_AFTER_SECONDS)
        doubtful = doubtful.filter(started_at__lte=ripe)
    rows = list(doubtful.select_related("campaign").order_by("pk")[:_BATCH])
    if chosen is DoubtPolicy.LOG and rows:
        endings = _ask_the_log(rows)
    else:
        endings = dict.fromkeys((row.pk for row in rows), Ending.LOST)
    return sum(_end(row, endings[row.pk], now, chosen) for row in rows)


def _ask_the_log(rows: Sequence[CampaignRecipient]) -> dict[int, Ending]:
    """Say of each row what the relay's log knows of its mail; nothing is as good as no log."""
    identifiers = {
        row.pk: message_id(campaign_uuid=str(row.campaign.uuid), recipient=row.pk) for row in rows
    }
    taken = taken_by_relay(identifiers.values(), log=settings.MAIL_RELAY_LOG)
    return {row.pk: _of_the_log(row, identifiers[row.pk], taken) for row in rows}


def _of_the_log(row: CampaignRecipient, identifier: str, taken: set[str] | None) -> Ending:
    if taken is None:
        return Ending.LOST
    if identifier in taken:
        return Ending.ACCEPTED
    # Words stand there when the connection broke; a worker that died has written none.
    return Ending.DOUBTFUL_UNSENT if row.answer else Ending.LOST_UNSENT


def _end(row: CampaignRecipient, ending: Ending, now: datetime, chosen: DoubtPolicy) -> int:
    """Write what follows, unless somebody settled it meanwhile."""
    tries = Tries(
        attempts=max(0, row.attempts - 1),
        doubts=row.doubts,
        silences=row.silences,
        first_at=row.first_at,
    )
    verdict = judge(ending, tries, now=now, is_sent_again=chosen is DoubtPolicy.RESENT)
    mine = CampaignRecipient.objects.filter(
        pk=row.pk, state=RecipientState.SENDING, claim__isnull=True
    )
    return mine.update(
        state=verdict.state,
        next_at=verdict.next_at,
        ended_at=now if verdict.is_over else None,
        doubts=F("doubts") + int(ending is Ending.LOST),
    )
