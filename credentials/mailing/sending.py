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
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

from django.conf import settings
from django.db import Error
from django.utils import timezone

from credentials.mailing import circuit_breaker
from credentials.mailing.answers import explain
from credentials.mailing.carrier import Carrier, open_carrier
from credentials.mailing.claiming import Claim, Settlement, give_back, settle
from credentials.mailing.doubts import DoubtPolicy, policy, settle_doubts
from credentials.mailing.ending import end_campaigns
from credentials.mailing.models import Campaign
from credentials.mailing.outcomes import Ending, SendOutcome
from credentials.mailing.preparing import Prepared, prepare
from credentials.mailing.silences import SILENT, UNSENT, Silences
from credentials.mailing.verdicts import judge

logger = logging.getLogger(__name__)

ROUND: Final = timedelta(seconds=60)
GAVE_UP: Final = "Remis à plus tard pendant 48 heures\u00a0: "
_SECONDS_IN_A_BATCH: Final = 5
#: A connection that ends later than this after a mail was begun was hung up on by that mail.
_ENDS_AT_ONCE_SECONDS: Final = 2.0
#: A batch of mails that the server keeps waiting is left to the next round after so long.
_PATIENCE_SECONDS: Final = 30.0


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
        self._silences = Silences()
        self._has_failed = False

    def run(self) -> bool:
        try:
            while not circuit_breaker.server_rests(timezone.now()):
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
            is_over = outcome.ending is not Ending.WITHDRAWN and self._is_over(prepared, outcome)
            if is_over and outcome.ending is Ending.SENDER:
                outcome = replace(outcome, ending=Ending.SERVER)
            if leave.answer:
                last = settlement_of(prepared, outcome, now=timezone.now())
            if is_over or time.monotonic() > self._until + _PATIENCE_SECONDS:
                break
        if last is not None:
            settle(last)

    def _carry(self, prepared: Prepared, leave: _Leave, following: Prepared | None) -> SendOutcome:
        was_fresh = self._carrier.is_fresh
        # With a pace to keep, the next mail is not announced before its time.
        soon = following.letter if following is not None and not self._pacer.spaces else None
        began = time.monotonic()
        outcome = self._carrier.carry(prepared.letter, may_leave=leave, following=soon)
        is_quick = time.monotonic() - began < _ENDS_AT_ONCE_SECONDS
        if outcome.ending in UNSENT and is_quick and not was_fresh:
            # A connection that has served ends for its own reasons: the mail was not sent, and a
            # new connection tells whose failure it is.
            outcome = self._carrier.carry(prepared.letter, may_leave=leave, following=soon)
        return outcome

    def _is_over(self, prepared: Prepared, outcome: SendOutcome) -> bool:
        """Hear whose failure it is; True when the server as a whole must rest."""
        if outcome.ending is Ending.ACCEPTED and not self._has_failed:
            circuit_breaker.note_success()
            self._has_failed = True  # said once in a round
        if not self._silences.hear(outcome, prepared):
            return False
        for recipient in self._silences.innocent():
            give_back(recipient, now=timezone.now())
        answer = explain(outcome.code, outcome.answer)
        logger.warning("the mail server fails (%s)", outcome.code or outcome.ending.name)
        circuit_breaker.note_failure(answer, now=timezone.now())
        self._has_failed = True
        return True


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


def settlement_of(prepared: Prepared, outcome: SendOutcome, *, now: datetime) -> Settlement:
    """Turn the outcome of a mail into what its row says."""
    chosen = policy()
    verdict = judge(
        outcome.ending,
        prepared.tries,
        now=now,
        is_sent_again=chosen is DoubtPolicy.RESENT,
        has_log=chosen is DoubtPolicy.LOG,
    )
    answer = f"{GAVE_UP}{outcome.answer}" if verdict.has_given_up else outcome.answer
    return Settlement(
        recipient=prepared.recipient,
        state=verdict.state,
        code=outcome.code,
        answer=answer[:300],
        next_at=verdict.next_at,
        ended_at=now if verdict.is_over else None,
        counts=verdict.counts,
        doubts=int(outcome.ending is Ending.DOUBTFUL),
        silences=int(outcome.ending in SILENT),
    )


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
