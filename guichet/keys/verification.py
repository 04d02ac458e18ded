"""Checking what was typed against a person's keys: one Argon2, one keyed hash, one row lock.

The same work and the same statements for everybody: a key that opens, one that is lost, nobody's.
The hash is computed before the lock, and the PIN compared again under it; whatever changed
meanwhile refuses the try.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from directory.models import Authority
from guichet.agents.models import AcademicCredential
from guichet.enums import KeyEvent, KeySlot, KeyState, RescueState, Verdict
from guichet.keys.codes import Clock, Match
from guichet.keys.evaluation import Evaluation, Proof, evaluate, failed_half
from guichet.keys.models import OtpKey, RescuePassword
from guichet.keys.passcodes import Passcode, read_passcode
from guichet.keys.rescue_verifiers import is_rescue_of
from guichet.keys.seeds import clock_of
from signin.passwords.hashing import hash_of_nobody, is_password_of

# As many statements for nobody's key as for somebody's: without a row it inserts nothing.
_NOTE: Final = """
INSERT INTO guichet_keyact (key_id, holder_id, at, event, verdict, proof)
SELECT k.id, k.holder_id, %(now)s, e.event, %(verdict)s, ''
  FROM guichet_otpkey k CROSS JOIN unnest(%(events)s::text[]) AS e (event)
 WHERE k.id = %(key)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """What a passcode proved."""

    verdict: Verdict
    key: OtpKey | None = None

    @property
    def is_success(self) -> bool:
        """Does it let somebody in?"""
        return self.verdict in {Verdict.OPENED, Verdict.FIRST_USE}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TypedPasscode:
    """A passcode with the key that it is tried on, and what its PIN part proved."""

    passcode: Passcode
    key: OtpKey | None
    pin_hash: str
    is_pin_right: bool


def keys_of(agent: AcademicCredential | None) -> list[OtpKey]:
    """Return the keys of an agent, those that open first; one statement, also for nobody."""
    holder = agent.pk if agent is not None else 0
    found = OtpKey.objects.filter(holder_id=holder).order_by("-assigned_at", "-pk")
    return sorted(found, key=lambda key: key.slot == KeySlot.NONE)


def prepare(typed: str, keys: Iterable[OtpKey]) -> TypedPasscode:
    """Choose the key and compare the PIN: one Argon2, whatever there is to compare with."""
    held = list(keys)
    digits = held[0].digits if held else 6
    passcode = read_passcode(typed, digits=digits)
    key = _key_meant(passcode, held)
    pin_hash = key.pin if key is not None and key.has_pin else ""
    is_right = is_password_of(pin_hash or hash_of_nobody(), passcode.compared_pin)
    return TypedPasscode(
        passcode=passcode, key=key, pin_hash=pin_hash, is_pin_right=is_right and bool(pin_hash)
    )


def check(typed: TypedPasscode, *, authority: Authority) -> KeyCheck:
    """Evaluate under the row's lock and write what follows; the caller holds the transaction."""
    now = timezone.now()
    wanted = typed.key.pk if typed.key is not None else 0
    key = OtpKey.objects.select_for_update().filter(pk=wanted).first()
    rescue = (
        RescuePassword.objects.select_related("key")
        .filter(key_id=wanted, state=RescueState.LIVE)
        .first()
    )
    is_rescue = is_rescue_of(rescue, typed.passcode.rescue)
    clock = clock_of(key, authority=authority.uuid)
    match = clock.match(typed.passcode.code, now=now.timestamp())
    evaluation = _evaluate(typed, key, clock, match, rescue, now, is_rescue=is_rescue)
    write(key, evaluation, now=now)
    if evaluation.verdict == Verdict.OPENED and not typed.passcode.is_rescue and key is not None:
        use_up_rescues(key)
    return KeyCheck(verdict=evaluation.verdict, key=key)


def write(key: OtpKey | None, evaluation: Evaluation, *, now: datetime) -> None:
    """Write a try's effect and its line in the timeline: two statements, whatever it was."""
    events = evaluation.events
    if not evaluation.is_success:
        events = (KeyEvent.REFUSED, *events)
    pk = key.pk if key is not None else 0
    changes: dict[str, Any] = evaluation.changes or {"far_step": key.far_step if key else -1}
    OtpKey.objects.filter(pk=pk).update(**changes)
    for name, value in evaluation.changes.items():
        setattr(key, name, value)
    values: dict[str, Any] = {
        "now": now,
        "verdict": evaluation.verdict.value,
        "events": [event.value for event in events],
        "key": pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


def use_up_rescues(key: OtpKey) -> None:
    """The key was used, or is no longer: its rescue password opens nothing any more."""
    live = RescuePassword.objects.filter(key=key, state=RescueState.LIVE)
    live.update(state=RescueState.USED_UP)


def _evaluate(
    typed: TypedPasscode,
    key: OtpKey | None,
    clock: Clock,
    match: Match,
    rescue: RescuePassword | None,
    now: datetime,
    *,
    is_rescue: bool,
) -> Evaluation:
    if key is None:
        return Evaluation(verdict=Verdict.NO_KEY)
    # Somebody chose or cancelled the PIN while it was being compared: nothing was proved.
    is_pin_right = typed.is_pin_right and key.pin == typed.pin_hash
    if typed.passcode.is_rescue:
        return _evaluate_rescue(
            key, rescue, typed.passcode, now, is_pin_right=is_pin_right, is_rescue=is_rescue
        )
    proof = Proof(has_pin_part=bool(typed.passcode.pin), is_pin_right=is_pin_right, match=match)
    return evaluate(key, proof, clock, now=now)


def _evaluate_rescue(
    key: OtpKey,
    rescue: RescuePassword | None,
    passcode: Passcode,
    now: datetime,
    *,
    is_pin_right: bool,
    is_rescue: bool,
) -> Evaluation:
    """A rescue password neither unlocks nor revives: it lets its holder in, the key stays."""
    is_pin_given = is_pin_right if key.has_pin else not passcode.pin
    is_live = rescue is not None and rescue.valid_until > now
    if key.state == KeyState.LOCKED:
        return Evaluation(verdict=Verdict.LOCKED)
    if is_live and is_rescue and is_pin_given:
        return Evaluation(verdict=Verdict.OPENED, events=(KeyEvent.RESCUE_USED,))
    if not is_live:
        return Evaluation(verdict=Verdict.NO_RESCUE)
    if is_rescue or (is_pin_right and key.has_pin):
        return failed_half(key, Verdict.WRONG_RESCUE, now=now)
    return Evaluation(verdict=Verdict.WRONG_RESCUE)


def _key_meant(passcode: Passcode, keys: list[OtpKey]) -> OtpKey | None:
    """Return the key that was meant: the code alone is for one that has no PIN yet."""
    by_slot = {key.slot: key for key in reversed(keys) if key.slot != KeySlot.NONE}
    current, following = by_slot.get(KeySlot.CURRENT), by_slot.get(KeySlot.NEXT)
    if passcode.is_code_alone and following is not None and following.awaits_first_use:
        return following
    return current or following or next(iter(keys), None)
