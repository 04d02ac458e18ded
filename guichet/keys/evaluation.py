"""What one try does to a key: a pure function of the locked row and of what the try proved.

Nothing here reads or writes the database, so that a state machine runs it a hundred thousand times;
`guichet.keys.verification` calls it under the row's lock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from guichet.enums import KeyEvent, KeyState, Verdict
from guichet.keys.codes import Clock, Match
from guichet.keys.models import HELD, OtpKey
from guichet.keys.transitions import key_after

FAILURES_THAT_LOCK: Final = 10
WRONG_SECOND_CODES: Final = 3
_OPENING: Final = (Verdict.OPENED, Verdict.FIRST_USE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was proved, both halves whatever the other is."""

    has_pin_part: bool
    is_pin_right: bool
    match: Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How the try ended, and what to write into the key's row."""

    verdict: Verdict
    changes: dict[str, Any] = field(default_factory=dict)
    events: tuple[KeyEvent, ...] = ()

    @property
    def is_success(self) -> bool:
        """Does it let somebody in, if only to the first steps?"""
        return self.verdict in _OPENING


def evaluate(key: OtpKey, proof: Proof, clock: Clock, *, now: datetime) -> Evaluation:
    """Evaluate PIN and code against the locked row.

    A code that matches is burnt, also when the PIN is wrong or the key is locked (T-D3).
    """
    step = proof.match.fresh(after=key.last_step)
    burnt: dict[str, Any] = {"last_step": step} if step is not None else {}
    shut = _why_shut(key, now)
    if shut is not None:
        return Evaluation(verdict=shut, changes=burnt)
    if key.awaits_first_use:
        return _first_use(key, proof, clock, step, burnt, now)
    is_code_known = bool(proof.match.near)
    if proof.is_pin_right and proof.has_pin_part:
        if step is not None:
            return _opened(key, step, clock.learned(step, now=now.timestamp()), now)
        if is_code_known:
            return Evaluation(verdict=Verdict.REPLAYED)  # a form sent twice locks nobody out
        return _far_or_wrong(key, proof, clock, now)
    if proof.is_pin_right:  # the PIN alone, without a code
        return _failed(key, Verdict.WRONG_CODE, burnt, now)
    if is_code_known:
        return _failed(key, Verdict.WRONG_PIN, burnt, now)
    return Evaluation(verdict=Verdict.WRONG_BOTH)  # a stranger: the growing wait only


def second_code(key: OtpKey, clock: Clock, match: Match, *, now: datetime) -> Evaluation:
    """Evaluate the second, later code of a first use (T-D12): three wrong ones are for the desk."""
    step = match.fresh(after=key.last_step)
    if _why_shut(key, now) is not None or not key.awaits_first_use:
        return Evaluation(verdict=Verdict.DISABLED)
    if step is not None:
        drift = clock.learned(step, now=now.timestamp())
        return Evaluation(
            verdict=Verdict.OPENED,
            changes={"last_step": step, "drift_seconds": drift, "failures": 0},
        )
    if match.near:
        return Evaluation(verdict=Verdict.REPLAYED)  # the first code again: wait for the next one
    failures = key.first_use_failures + 1
    changes: dict[str, Any] = {"first_use_failures": failures}
    if failures < WRONG_SECOND_CODES:
        return Evaluation(verdict=Verdict.WRONG_CODE, changes=changes)
    return _lock(key, Verdict.WRONG_CODE, changes, now)


def _why_shut(key: OtpKey, now: datetime) -> Verdict | None:
    if key.state == KeyState.LOCKED:
        return Verdict.LOCKED
    if key.state == KeyState.EXPIRED or (
        key.expires_on is not None and key.expires_on < timezone.localdate(now)
    ):
        return Verdict.EXPIRED
    return None if key.state in HELD else Verdict.DISABLED


def _first_use(
    key: OtpKey,
    proof: Proof,
    clock: Clock,
    step: int | None,
    burnt: dict[str, Any],
    now: datetime,
) -> Evaluation:
    if key.first_use_until is not None and key.first_use_until < now:
        return Evaluation(verdict=Verdict.WINDOW_OVER, changes=burnt)
    if proof.has_pin_part:
        return _failed(key, Verdict.WRONG_PIN, burnt, now)
    if step is not None:
        return _begun(key, step, clock.learned(step, now=now.timestamp()))
    if proof.match.near:
        return Evaluation(verdict=Verdict.REPLAYED)
    return _far_or_wrong(key, proof, clock, now)


def _far_or_wrong(key: OtpKey, proof: Proof, clock: Clock, now: datetime) -> Evaluation:
    """A code from further away opens nothing; the one that follows it proves the drift (T-D9)."""
    announced = proof.match.announced(after=key.last_step)
    if announced is None:
        return _failed(key, Verdict.WRONG_CODE, {}, now)
    if key.far_step >= 0 and announced == key.far_step + 1:
        drift = clock.proved(announced, now=now.timestamp())
        if key.awaits_first_use:
            return _begun(key, announced, drift)
        return _opened(key, announced, drift, now, KeyEvent.RESYNCHRONISED)
    return _failed(key, Verdict.DRIFTED, {"far_step": announced}, now)


def _opened(key: OtpKey, step: int, drift: float, now: datetime, *before: KeyEvent) -> Evaluation:
    return Evaluation(
        verdict=Verdict.OPENED,
        changes={
            "last_step": step,
            "drift_seconds": drift,
            "far_step": -1,
            "failures": 0,
            "last_used_at": now,
            "state": key_after(KeyState(key.state), KeyEvent.USED),
        },
        events=(*before, KeyEvent.USED),
    )


def _begun(key: OtpKey, step: int, drift: float) -> Evaluation:
    return Evaluation(
        verdict=Verdict.FIRST_USE,
        changes={
            "last_step": step,
            "drift_seconds": drift,
            "far_step": -1,
            "failures": 0,
            "state": key_after(KeyState(key.state), KeyEvent.FIRST_CODE),
        },
        events=(KeyEvent.FIRST_CODE,),
    )


def failed_half(key: OtpKey, verdict: Verdict, *, now: datetime) -> Evaluation:
    """Count a failure with one half right, of a rescue password as of a code."""
    if _why_shut(key, now) is not None:
        return Evaluation(verdict=verdict)
    return _failed(key, verdict, {}, now)


def _failed(key: OtpKey, verdict: Verdict, more: dict[str, Any], now: datetime) -> Evaluation:
    changes = {**more, "failures": key.failures + 1}
    if key.failures + 1 < FAILURES_THAT_LOCK:
        return Evaluation(verdict=verdict, changes=changes)
    return _lock(key, verdict, changes, now)


def _lock(key: OtpKey, verdict: Verdict, changes: dict[str, Any], now: datetime) -> Evaluation:
    event = KeyEvent.TOO_MANY_FAILURES
    state = key_after(KeyState(key.state), event)
    return Evaluation(
        verdict=verdict, changes={**changes, "state": state, "locked_at": now}, events=(event,)
    )
