"""Asking for a mailing, stopping it, taking it up, sending again what failed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from credentials.choice.population import PopulationChoice
from credentials.enums import CampaignState, RecipientState, SkipReason
from credentials.journal import MailingAct
from credentials.mailing.choosing import insert_recipients
from credentials.mailing.models import Campaign, CampaignRecipient, MailingTrial
from directory.models import Person, School
from directory.rights.actors import actor_for
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.jobs import waking as jobs_waking
from ent.jobs.services import enqueue
from ent.mail.messages import checked_header

DELIVER = "credentials.deliver"
SEND_TRIAL = "credentials.send_trial"
#: The report needs the addresses as long as its link works, and a little longer.
ADDRESS_LIFE = timedelta(days=90)
#: What somebody may ask to send again; a mail in doubt too, since they saw that it is.
SENT_AGAIN = (RecipientState.REFUSED, RecipientState.UNCERTAIN, RecipientState.RETURNED)


class AlikeRunningError(Exception):
    """The same mailing runs: this one cannot run beside it."""


@dataclass(frozen=True, slots=True)
class CampaignRequest:
    """The mailing, and whether this request made it (otherwise it was there already)."""

    campaign: Campaign
    is_new: bool


def request_campaign(
    *,
    school: School,
    choice: PopulationChoice,
    subject: str,
    text: str,
    words: str,
    key: UUID,
    actor: Person,
    at: Origin | None = None,
    is_repeated: bool = False,
) -> CampaignRequest:
    """Ask for a mailing: the row and its recipients in one transaction, the mails afterwards.

    The same page sent twice, or the same mailing asked by somebody else while it runs, is the one
    that is there (T-G2): constraints say so, whoever comes first. Who got this mail lately or waits
    in a mailing that was stopped is left out, unless it *is_repeated*.
    """
    checked_header(subject)
    sameness = _sameness(choice, subject, text)
    known = _known(school, key, sameness)
    if known is not None:
        return CampaignRequest(known, is_new=False)
    try:
        return CampaignRequest(
            _create(school, choice, subject, text, words, key, sameness, actor, at, is_repeated),
            is_new=True,
        )
    except IntegrityError:
        known = _known(school, key, sameness)
        if known is None:
            raise
        return CampaignRequest(known, is_new=False)


@transaction.atomic
def _create(
    school: School,
    choice: PopulationChoice,
    subject: str,
    text: str,
    words: str,
    key: UUID,
    sameness: bytes,
    actor: Person,
    at: Origin | None,
    is_repeated: bool,
) -> Campaign:
    # One mailing of a school is made at a time: nobody is in two that run together.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    campaign = Campaign.objects.create(
        key=key,
        sameness=sameness,
        school=school,
        requested_by=actor.uuid,
        subject=subject,
        text=text,
        choice=choice.as_json(),
        words=words[:200],
        created_at=timezone.now(),
    )
    count = insert_recipients(
        choice, actor=actor_for(actor), campaign_id=campaign.pk, is_repeated=is_repeated
    )
    _record(MailingAct.REQUESTED, campaign, actor, at, count)
    wake_workers()
    return campaign


@transaction.atomic
def cancel_campaign(*, campaign: Campaign, actor: Person, at: Origin | None = None) -> int:
    """Stop: no mail leaves after this commits but one per connection that is leaving right now.

    The school's lock parts it from mails that are sent again: a mailing that is stopped does not
    run on with those alone.
    """
    School.objects.select_for_update(no_key=True).get(pk=campaign.school_id)
    running = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.RUNNING)
    if not running.update(state=CampaignState.CANCELLED):
        return 0
    stopped = campaign.recipients.waiting().update(
        state=RecipientState.CANCELLED, claim=None, next_at=None
    )
    _record(MailingAct.CANCELLED, campaign, actor, at, stopped)
    return stopped


@transaction.atomic
def hold_campaigns() -> int:
    """Stop every mailing, in a restored copy: what left after the backup would leave again.

    Its page says whom it did not write to, and « Reprendre » takes it up once somebody has looked.
    """
    running = Campaign.objects.filter(state=CampaignState.RUNNING)
    waiting = CampaignRecipient.objects.waiting().filter(campaign__in=running)
    waiting.update(state=RecipientState.CANCELLED, claim=None, next_at=None)
    return running.update(state=CampaignState.CANCELLED)


@transaction.atomic
def resume_campaign(*, campaign: Campaign, actor: Person, at: Origin | None = None) -> int:
    """Take up a mailing that was stopped, where it was.

    Whom another mailing has reached or will reach meanwhile is left out: nobody gets two. Raises
    `AlikeRunningError`.
    """
    School.objects.select_for_update(no_key=True).get(pk=campaign.school_id)
    stopped = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.CANCELLED)
    if not stopped.exists():
        return 0
    _refuse_beside_alike(campaign)
    _run_again(campaign)
    waiting = campaign.recipients.filter(state=RecipientState.CANCELLED)
    _skip_reached_elsewhere(campaign, waiting)
    resumed = waiting.update(state=RecipientState.QUEUED)
    _record(MailingAct.RESUMED, campaign, actor, at, resumed)
    wake_workers()
    return resumed


@transaction.atomic
def resend_failures(*, campaign: Campaign, actor: Person, at: Origin | None = None) -> int:
    """Send again what was refused, came back, or is in doubt; each mail gets a new link.

    A mailing that was stopped is taken up first. Whom another mailing has reached or will reach
    meanwhile is left out: a new link would end the one that they have. Raises `AlikeRunningError`.
    """
    School.objects.select_for_update(no_key=True).get(pk=campaign.school_id)
    failed = campaign.recipients.filter(state__in=SENT_AGAIN, account__isnull=False)
    is_stopped = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.CANCELLED).exists()
    if is_stopped or not failed.exists():
        return 0
    _refuse_beside_alike(campaign)
    _skip_reached_elsewhere(campaign, failed)
    count = failed.update(
        state=RecipientState.QUEUED,
        next_at=None,
        first_at=None,
        attempts=0,
        doubts=0,
        silences=0,
        ended_at=None,
        code=None,
        answer="",
    )
    if count:
        _run_again(campaign)
        wake_workers()
    _record(MailingAct.RESENT, campaign, actor, at, count)
    return count


def record_return(*, recipient: int, code: str, answer: str) -> bool:
    """A mail came back: say so on its row; False when it was not one that had left (T-G12)."""
    sent = (RecipientState.ACCEPTED, RecipientState.UNCERTAIN, RecipientState.SENDING)
    words = "".join(sign if sign.isprintable() else " " for sign in f"{code} {answer}".strip())
    rows = CampaignRecipient.objects.filter(pk=recipient, state__in=sent, claim__isnull=True)
    return bool(
        rows.update(state=RecipientState.RETURNED, answer=words[:300], ended_at=timezone.now())
    )


@transaction.atomic
def request_trial(*, school: School, subject: str, text: str, actor: Person) -> MailingTrial:
    """Ask for the mail as its author would get it; a job sends it."""
    trial = MailingTrial.objects.create(
        school=school, requested_by=actor.uuid, subject=checked_header(subject), text=text
    )
    enqueue(kind=SEND_TRIAL, params={"trial": trial.uuid}, school_uai=school.uai)
    return trial


def wake_workers() -> None:
    """Tell the workers at commit that there is work; a message that is lost loses nothing."""
    for _ in range(settings.MAIL_CONNECTIONS):
        transaction.on_commit(publish, robust=True)


def publish() -> None:
    """Ask for a round; without a broker the beat's next one will do."""
    jobs_waking.publish(DELIVER)


def clear_old_addresses() -> int:
    """Forget where the mails of mailings that ended long ago went, and what servers answered."""
    return (
        CampaignRecipient.objects.filter(campaign__finished_at__lt=timezone.now() - ADDRESS_LIFE)
        .exclude(address="", answer="")
        .update(address="", domain="", answer="")
    )


def _skip_reached_elsewhere(campaign: Campaign, rows: QuerySet[CampaignRecipient]) -> None:
    """Set aside, among these recipients, whom another mailing serves or has served."""
    for reason, reached in _reached_elsewhere(campaign):
        rows.filter(reached).update(
            state=RecipientState.SKIPPED, reason=reason, ended_at=timezone.now()
        )


def _reached_elsewhere(campaign: Campaign) -> Iterator[tuple[SkipReason, Exists]]:
    """Say by reason whom another mailing serves, or has served since this one was asked for."""
    others = CampaignRecipient.objects.filter(account=OuterRef("account")).exclude(
        campaign=campaign
    )
    waits = others.filter(state__in=RecipientState.open())
    got = others.filter(state=RecipientState.ACCEPTED, ended_at__gt=campaign.created_at)
    yield SkipReason.OTHER_CAMPAIGN, Exists(waits)
    yield SkipReason.RECENT, Exists(got)


def _refuse_beside_alike(campaign: Campaign) -> None:
    """Raise while the same one runs; the lock on the school keeps it true."""
    alike = Campaign.objects.filter(
        school=campaign.school_id, sameness=campaign.sameness, state=CampaignState.RUNNING
    ).exclude(pk=campaign.pk)
    if alike.exists():
        raise AlikeRunningError


def _run_again(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.RUNNING, finished_at=None)


def _known(school: School, key: UUID, sameness: bytes) -> Campaign | None:
    asked = Campaign.objects.filter(school=school, key=key).first()
    if asked is not None:
        return asked
    return Campaign.objects.filter(
        school=school, sameness=sameness, state=CampaignState.RUNNING
    ).first()


def _sameness(choice: PopulationChoice, subject: str, text: str) -> bytes:
    asked = json.dumps([choice.as_json(), subject, text], sort_keys=True)
    return hashlib.sha256(asked.encode()).digest()


def _record(
    act: MailingAct, campaign: Campaign, actor: Person, at: Origin | None, count: int
) -> None:
    record(
        act=act,
        actor=actor.uuid,
        school_uai=campaign.school.uai,
        origin=at,
        details={"reference": campaign.uuid, "count": count},
    )
