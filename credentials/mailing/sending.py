"""The round of a worker: take a batch, send it, settle it, until nothing is due.

A round lasts a minute at most and then makes room for other work: a mailing of hours is a chain of
rounds. Nothing depends on a message of the broker: the beat starts a round every twenty seconds,
which ends at once when nothing waits or every place is taken.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

from django.conf import settings
from django.db import Error
from django.utils import timezone

from credentials.enums import RecipientState
from credentials.mailing import circuit
from credentials.mailing.carrier import Carrier, open_carrier
from credentials.mailing.claiming import Claim, Settlement, settle
from credentials.mailing.doubts import settle_doubts
from credentials.mailing.ending import end_campaigns
from credentials.mailing.outcomes import Ending, Outcome
from credentials.mailing.preparing import Prepared, prepare
from credentials.models import Campaign, CampaignRecipient

logger = logging.getLogger(__name__)

ROUND: Final = timedelta(seconds=60)
#: Waits between two tries of a mail that a server puts off; the last one repeats.
BACKOFF: Final = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 240, 480))
PATIENCE: Final = timedelta(hours=48)
_GAVE_UP: Final = "Remis à plus tard pendant 48 heures\u00a0: "
#: So many mails put off one after the other are an answer of the server, not of the recipients.
_DEFERRED_IN_A_ROW: Final = 20
_AFTER_A_FAILURE: Final = timedelta(minutes=1)
_SECONDS_IN_A_BATCH: Final = 5


def run_round(*, lasting: timedelta = ROUND) -> bool:
    """Send what is due; return whether there is more to do at once (worker)."""
    if not Campaign.objects.exclude(finished_at__isnull=False).exists():
        return False
    claim = Claim.take_place()
    if claim is None:
        return False
    try:
        is_more = _Round(claim, open_carrier(), lasting).run()
    finally:
        # The place is left whatever happens: without a database the rows are given back by the
        # next round of anybody.
        with suppress(Error):
            claim.release()
        claim.close()
    settle_doubts(now=timezone.now())
    end_campaigns(now=timezone.now())
    return is_more


class _Round:
    """One worker's round, over one connection to the server."""

    def __init__(self, claim: Claim, carrier: Carrier, lasting: timedelta) -> None:
        self._claim = claim
        self._carrier = carrier
        self._pacer = Pacer()
        self._until = time.monotonic() + lasting.total_seconds()
        self._deferred_in_a_row = 0
        self._has_failed = False

    def run(self) -> bool:
        try:
            while not circuit.server_rests(timezone.now()):
                now = timezone.now()
                self._claim.release_the_dead()
                settle_doubts(now=now)
                taken = self._claim.take(size=batch_size(), now=now)
                if not taken:
                    return False
                self._send(prepare(taken, now=now))
                self._claim.release()
                if time.monotonic() >= self._until:
                    return True
            return False
        finally:
            self._carrier.close()

    def _send(self, batch: Sequence[Prepared]) -> None:
        """Send the mails of a batch, one statement for each: it begins one and settles another."""
        last: Settlement | None = None
        self._carrier.foresee([prepared.letter for prepared in batch])
        for prepared, following in zip_longest(batch, batch[1:]):
            self._pacer.wait()
            leave = _Leave(self._claim, prepared.recipient, after=last)
            outcome = self._carry(prepared, leave, following)
            if leave.answer is not None:
                last = None  # the same statement has settled it
            if leave.answer:
                last = settlement_of(prepared.recipient, outcome, now=timezone.now())
            if outcome.ending is not Ending.WITHDRAWN and self._is_over(outcome):
                break
        if last is not None:
            settle(last)

    def _carry(self, prepared: Prepared, leave: _Leave, following: Prepared | None) -> Outcome:
        was_fresh = self._carrier.is_fresh
        # With a pace to keep, the next mail is not announced before its time.
        soon = following.letter if following is not None and not self._pacer.spaces else None
        outcome = self._carrier.carry(prepared.letter, may_leave=leave, following=soon)
        if outcome.ending is Ending.SERVER and not was_fresh:
            # A connection that has served ends for its own reasons: the mail was not sent, and a
            # new connection tells how the server really is.
            outcome = self._carrier.carry(prepared.letter, may_leave=leave, following=soon)
        return outcome

    def _is_over(self, outcome: Outcome) -> bool:
        """Count what concerns the server as a whole; True when it must rest."""
        is_deferred = outcome.ending is Ending.DEFERRED
        self._deferred_in_a_row = self._deferred_in_a_row + 1 if is_deferred else 0
        fails = outcome.ending in (Ending.SERVER, Ending.DOUBTFUL)
        if fails or self._deferred_in_a_row >= _DEFERRED_IN_A_ROW:
            logger.warning("the mail server fails (%s)", outcome.code or outcome.answer)
            circuit.note_failure(outcome.answer, now=timezone.now())
            self._has_failed = True
            return True
        if outcome.ending is Ending.ACCEPTED and not self._has_failed:
            circuit.note_success()
            self._has_failed = True  # said once in a round
        return False


class _Leave:
    """Says once that a mail leaves now, however often it is asked; settles the mail before it."""

    def __init__(self, claim: Claim, recipient: int, *, after: Settlement | None) -> None:
        self._claim, self._recipient, self._after = claim, recipient, after
        self.answer: bool | None = None
        """None until asked: neither was this mail begun nor the one before it settled."""

    def __call__(self) -> bool:
        if self.answer is None:
            self.answer = self._claim.begin(self._recipient, now=timezone.now(), after=self._after)
        return self.answer


def settlement_of(recipient: int, outcome: Outcome, *, now: datetime) -> Settlement:
    """Turn the server's answer into what the row says."""
    ended: datetime | None = None
    match outcome.ending:
        case Ending.ACCEPTED:
            state, ended = RecipientState.ACCEPTED, now
        case Ending.REFUSED:
            state, ended = RecipientState.REFUSED, now
        case Ending.DEFERRED:
            return _put_off(recipient, outcome, now)
        case Ending.DOUBTFUL:
            state = RecipientState.SENDING
        case Ending.SERVER | Ending.WITHDRAWN:
            # Nobody pays for the server; others go first, in case this mail is what it cannot take.
            return Settlement(
                recipient=recipient, state=RecipientState.QUEUED, next_at=now + _AFTER_A_FAILURE
            )
    return Settlement(
        recipient=recipient,
        state=state,
        code=outcome.code,
        answer=outcome.answer,
        ended_at=ended,
    )


def _put_off(recipient: int, outcome: Outcome, now: datetime) -> Settlement:
    """Try again later, and give up after 48 hours with the server's words."""
    attempts, first_at = _tries(recipient)
    wait = BACKOFF[min(attempts, len(BACKOFF)) - 1]
    if first_at is not None and now + wait > first_at + PATIENCE:
        return Settlement(
            recipient=recipient,
            state=RecipientState.REFUSED,
            code=outcome.code,
            answer=f"{_GAVE_UP}{outcome.answer}"[:300],
            ended_at=now,
        )
    return Settlement(
        recipient=recipient,
        state=RecipientState.DEFERRED,
        code=outcome.code,
        answer=outcome.answer,
        next_at=now + wait,
    )


def _tries(recipient: int) -> tuple[int, datetime | None]:
    row = CampaignRecipient.objects.only("attempts", "first_at").get(pk=recipient)
    return max(1, row.attempts), row.first_at


def batch_size() -> int:
    """Return how many mails a worker takes at once: what leaves within a few seconds."""
    if settings.MAIL_PER_SECOND == 0:
        return int(settings.MAIL_BATCH)
    share = settings.MAIL_PER_SECOND * _SECONDS_IN_A_BATCH // settings.MAIL_CONNECTIONS
    return int(min(settings.MAIL_BATCH, max(1, share)))


class Pacer:
    """Spaces the mails of one connection, so that all together keep the pace of the settings."""

    def __init__(self) -> None:
        rate = settings.MAIL_PER_SECOND
        self._between = settings.MAIL_CONNECTIONS / rate if rate else 0.0
        self._next = time.monotonic()

    @property
    def spaces(self) -> bool:
        """Is there a pace to keep?"""
        return self._between > 0

    def wait(self) -> None:
        """Wait until the next mail may leave."""
        if not self._between:
            return
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._between
