"""Mails whose end nobody saw: a worker died, or the connection broke, before the answer.

With a relay on this machine its log tells, once the relay cannot be waiting for the end of the mail
any more: taken, or sent again. Without a log to read the mail is shown as uncertain and somebody
decides. With a server elsewhere the settings say: sent again (nobody is forgotten, somebody may get
it twice) or shown. The screens say which.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from credentials.enums import RecipientState
from credentials.mailing.identity import message_id
from credentials.mailing.relay_log import taken_by_relay
from credentials.models import CampaignRecipient

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
        "Si un envoi est interrompu au milieu d’un message, ce message est envoyé à nouveau\u00a0: "
        "personne n’est oublié, mais quelqu’un peut le recevoir deux fois."
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
    if not rows:
        return 0
    match chosen:
        case DoubtPolicy.LOG:
            return _ask_the_log(rows, now)
        case DoubtPolicy.SHOWN:
            return _end(rows, RecipientState.UNCERTAIN, now)
        case DoubtPolicy.RESENT:
            return _end(rows, RecipientState.QUEUED, None)


def _ask_the_log(rows: Sequence[CampaignRecipient], now: datetime) -> int:
    identifiers = {
        row.pk: message_id(campaign_uuid=str(row.campaign.uuid), recipient=row.pk) for row in rows
    }
    taken = taken_by_relay(identifiers.values(), log=settings.MAIL_RELAY_LOG)
    if taken is None:
        return _end(rows, RecipientState.UNCERTAIN, now)
    sent = [row for row in rows if identifiers[row.pk] in taken]
    lost = [row for row in rows if identifiers[row.pk] not in taken]
    return _end(sent, RecipientState.ACCEPTED, now) + _end(lost, RecipientState.QUEUED, None)


def _end(rows: Sequence[CampaignRecipient], state: RecipientState, at: datetime | None) -> int:
    """Write the same end for all, unless somebody settled one meanwhile."""
    return CampaignRecipient.objects.filter(
        pk__in=[row.pk for row in rows], state=RecipientState.SENDING, claim__isnull=True
    ).update(state=state, ended_at=at)
