"""T-D1: a key through everything that can happen to it, in any order; nothing broken opens.

The machine holds one key as an object of a fob in a hand, its own clock and its own idea of what is
allowed; the code under test is `evaluate`, `second_code` and the acts of the desk, all pure. A
thousand steps here, a hundred thousand in `make faults`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from guichet.agents.models import AcademicCredential
from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, KeySlot, KeyState, PinState, Verdict
from guichet.keys import acts
from guichet.keys.codes import STEPS_AROUND, Clock
from guichet.keys.evaluation import FAILURES_THAT_LOCK, Evaluation, Proof, evaluate, second_code
from guichet.keys.models import HELD, OtpKey
from guichet.keys.transitions import KEY, RESCUE, IllegalTransition, key_after

SEED = b"12345678901234567890"
SHUT = frozenset(KeyState) - frozenset(HELD) | {KeyState.LOCKED}
START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
DESK = (
    *acts.DISABLING,
    KeyEvent.UNLOCKED,
    KeyEvent.PIN_CANCELLED,
    KeyEvent.TAKEN_BACK,
)


@dataclass
class Hand:
    """Who holds the fob: what they know of it."""

    pin: str = ""


class KeyMachine(RuleBasedStateMachine):
    """One key, the hand that holds it, and everything that was ever accepted."""

    @initialize()
    def begin(self) -> None:
        """A key in stock, eight o'clock."""
        self.guichet = Guichet(first_use_days=30, cancelled_pin_hours=24)
        self.agent = AcademicCredential(pk=1, uid="odile")
        self.key = OtpKey(serial="TST1", state=KeyState.STOCK, interval_seconds=60)
        self.now = START
        self.ahead = 0.0
        self.pin = ""
        self.accepted: list[int] = []
        self.mark = -1
        self.half_right = 0

    @property
    def clock(self) -> Clock:
        return Clock(seed=SEED, drift=self.key.drift_seconds)

    def fob_step(self) -> int:
        return int((self.now.timestamp() + self.ahead) // 60)

    # --- time ---

    @rule(seconds=st.sampled_from([1, 20, 61, 130, 3_600, 90_000, 40 * 86_400]))
    def pass_time(self, seconds: int) -> None:
        """Time passes; the key gains two seconds a week."""
        self.now += timedelta(seconds=seconds)
        self.ahead += seconds * 2 / (7 * 86_400)

    @rule(shift=st.sampled_from([-400.0, -59.0, 59.0, 200.0, 400.0]))
    def drop_the_key(self, shift: float) -> None:
        """Its clock jumps."""
        self.ahead = max(-3000.0, min(3000.0, self.ahead + shift))

    # --- the desk ---

    @rule()
    def assign(self) -> None:
        """Give it to its holder, when it is in stock."""
        before = self.key.state
        try:
            acts.assign(self.key, self.agent, guichet=self.guichet, now=self.now)
        except IllegalTransition:
            assert before != KeyState.STOCK
        else:
            assert before == KeyState.STOCK

    @rule(event=st.sampled_from(DESK))
    def desk(self, event: KeyEvent) -> None:
        """Any act of the desk, allowed or not; what is not allowed changes nothing."""
        before = (self.key.state, self.key.pin_state, self.key.slot, self.key.pin)
        try:
            acts.happen(self.key, event, guichet=self.guichet, now=self.now)
        except IllegalTransition:
            assert (self.key.state, self.key.pin_state, self.key.slot, self.key.pin) == before
            return
        self.mark = -1
        if event == KeyEvent.TAKEN_BACK:
            self.key.slot = KeySlot.NONE
            self.pin = ""

    @rule()
    def resynchronise(self) -> None:
        """Two codes read out over the telephone."""
        step = self.fob_step() + 1
        if step - 1 <= self.key.last_step:
            return
        try:
            acts.resynchronise(
                self.key, step=step, drift=self.clock.proved(step, now=self.now.timestamp())
            )
        except IllegalTransition:
            return
        self.accepted += [step - 1, step]

    # --- the page ---

    @rule(
        offset=st.sampled_from([-30, -2, -1, 0, 0, 0, 0, 1, 2, 9]),
        pin=st.sampled_from(["right", "right", "right", "wrong", "none"]),
        is_code_wrong=st.booleans(),
    )
    def try_code(self, offset: int, pin: str, is_code_wrong: bool) -> None:
        """Anybody types anything: a code of some step or a wrong one, behind some PIN."""
        step = self.fob_step() + offset
        code = Clock(seed=SEED).code(step)
        if is_code_wrong:
            code = f"{(int(code) + 271_828) % 10**6:06d}"
        is_right = pin == "right" and self.key.has_pin
        match = self.clock.match(code, now=self.now.timestamp())
        proof = Proof(
            has_pin_part=pin != "none" and bool(self.pin), is_pin_right=is_right, match=match
        )
        before = KeyState(self.key.state)
        waits, far = self.key.awaits_first_use, self.key.far_step
        found = evaluate(self.key, proof, self.clock, now=self.now)
        last = self.key.last_step
        self.apply(found)
        if before in SHUT:
            assert not found.is_success, before
        if not found.is_success:
            return
        opened = self.key.last_step
        assert opened > last
        assert opened not in self.accepted
        near = abs(opened - self.clock_step_before) <= STEPS_AROUND
        assert near or opened == far + 1, "accepted outside of the window"
        if found.verdict == Verdict.OPENED:
            assert is_right
            assert before == KeyState.ACTIVE
            assert not waits
        else:
            assert waits
            assert not proof.has_pin_part
            assert self.key.first_use_until is None or self.key.first_use_until >= self.now
            self.mark = -1
        self.accepted.append(opened)

    @precondition(lambda self: self.key.state in (KeyState.FIRST_USE, KeyState.ACTIVE))
    @rule(offset=st.sampled_from([-1, 0, 0, 1, 5]))
    def try_second_code(self, offset: int) -> None:
        """The second step of a first use."""
        code = Clock(seed=SEED).code(self.fob_step() + offset)
        match = self.clock.match(code, now=self.now.timestamp())
        waits, last = self.key.awaits_first_use, self.key.last_step
        found = second_code(self.key, self.clock, match, now=self.now)
        self.apply(found)
        if found.verdict == Verdict.OPENED:
            assert waits
            assert self.key.last_step > last
            assert self.key.last_step not in self.accepted
            self.accepted.append(self.key.last_step)
            self.mark = self.key.last_step

    @precondition(lambda self: self.mark >= 0 and self.key.awaits_first_use)
    @rule()
    def choose_pin(self) -> None:
        """The third: as `choose_first_pin` writes it."""
        if self.key.state == KeyState.ASSIGNED or self.key.last_step != self.mark:
            return
        self.key.state = key_after(KeyState(self.key.state), KeyEvent.PIN_SET)
        self.key.pin_state, self.key.pin, self.pin = PinState.SET, "hash", "590317"
        self.key.slot, self.key.first_use_until = KeySlot.CURRENT, None
        self.key.failures = self.key.first_use_failures = 0
        self.mark = -1

    def apply(self, found: Evaluation) -> None:
        """Write what an evaluation says, as `verification.write` does."""
        self.clock_step_before = self.clock.step_at(self.now.timestamp())
        for name, value in found.changes.items():
            setattr(self.key, name, value)

    # --- what is always true ---

    @invariant()
    def codes_never_pass_twice(self) -> None:
        """Each accepted step once, whoever holds the key."""
        if hasattr(self, "accepted"):
            assert len(self.accepted) == len(set(self.accepted))

    @invariant()
    def the_row_fits_its_constraints(self) -> None:
        """Slot and PIN are those of the state."""
        if not hasattr(self, "key"):
            return
        key = self.key
        assert (key.state in HELD) == (key.slot != KeySlot.NONE)
        assert (key.pin_state == PinState.SET) == bool(key.pin)
        if key.state == KeyState.STOCK:
            assert key.pin_state == PinState.NONE
            assert key.holder is None
        if key.state in HELD and key.state != KeyState.LOCKED:
            assert key.failures < FAILURES_THAT_LOCK


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        KeyMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_key_through_everything() -> None:
    _run(20, 50)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_key_through_everything_a_hundred_thousand_times() -> None:
    _run(1_000, 100)


def test_nothing_leads_out_of_a_disabled_key_but_its_return() -> None:
    """Read off the table: lost, stolen, broken, expired, withdrawn never open by themselves."""
    shut = frozenset(KeyState) - frozenset(HELD) - {KeyState.STOCK}
    leaving = {
        (state, event, after)
        for (state, event), after in KEY.items()
        if state in shut and after not in shut
    }
    assert {event for _, event, _ in leaving} == {KeyEvent.TAKEN_BACK}
    assert {after for _, _, after in leaving} == {KeyState.STOCK}
    assert KeyState.WITHDRAWN not in {state for state, _, _ in leaving}


def test_a_rescue_password_neither_unlocks_nor_revives() -> None:
    """Its events stand in no row of the key's table."""
    of_rescues = {KeyEvent.RESCUE_ISSUED, KeyEvent.RESCUE_USED}
    assert not [row for row in KEY if row[1] in of_rescues]
    assert {event for _, event in RESCUE} >= of_rescues | set(acts.DISABLING)
