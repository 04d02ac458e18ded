"""The two steps of a first use: a second, later code, then the PIN (R-C3, T-D12)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ent.audit.origin import Origin
from guichet import journal
from guichet.agents.models import AcademicCredential
from guichet.enums import KeyEvent, KeySlot, KeyState, PinState, Verdict
from guichet.journal import GuichetAct
from guichet.keys.evaluation import second_code
from guichet.keys.models import KeyAct, OtpKey
from guichet.keys.passcodes import read_passcode
from guichet.keys.seeds import clock_of
from guichet.keys.transitions import key_after, pin_after
from guichet.keys.verification import use_up_rescues, write
from guichet.sign_in.marks import FirstUse
from signin.passwords.hashing import hash_password


class OvertakenError(Exception):
    """Another browser chose the PIN, or the desk changed the key: nothing was done."""


def check_second_code(
    mark: FirstUse, typed: str, *, agent: AcademicCredential
) -> tuple[Verdict, FirstUse]:
    """Evaluate the second code; return how it ended and what the session keeps."""
    now = timezone.now()
    with transaction.atomic():
        key = _locked(mark, agent)
        passcode = read_passcode(typed, digits=key.digits)
        code = passcode.code if passcode.is_code_alone else ""
        clock = clock_of(key, authority=agent.authority.uuid)
        match = clock.match(code, now=now.timestamp())
        evaluation = second_code(key, clock, match, now=now)
        write(key, evaluation, now=now)
    if evaluation.verdict != Verdict.OPENED:
        return evaluation.verdict, mark
    return evaluation.verdict, mark.with_second(key.last_step)


def choose_first_pin(
    mark: FirstUse, pin: str, *, agent: AcademicCredential, origin: Origin
) -> OtpKey:
    """Set the PIN and put the key in service; the former key of its holder ends (R-C3).

    Of two browsers one finds the key waiting for its PIN; the other gets `OvertakenError`.
    """
    hashed = hash_password(pin)
    now = timezone.now()
    with transaction.atomic():
        key = _locked(mark, agent)
        if not mark.is_second_code_given or key.last_step != mark.second_step:
            raise OvertakenError
        _end_former(key, agent)
        key.state = key_after(KeyState(key.state), KeyEvent.PIN_SET)
        key.pin_state = pin_after(PinState(key.pin_state), KeyEvent.PIN_SET)
        key.pin, key.slot = hashed, KeySlot.CURRENT
        key.failures = key.first_use_failures = 0
        key.first_use_until, key.last_used_at = None, now
        key.save()
        use_up_rescues(key)
        KeyAct.objects.create(key=key, holder=agent, at=now, event=KeyEvent.PIN_SET, actor=agent)
        journal.of_oneself(GuichetAct.PIN_CHOSEN, agent, origin=origin, serial=key.serial)
    return key


def _locked(mark: FirstUse, agent: AcademicCredential) -> OtpKey:
    """Return the key of the first use under its lock, while it still waits for its PIN."""
    key = OtpKey.objects.select_for_update().filter(uuid=mark.key, holder=agent).first()
    if key is None or not key.awaits_first_use:
        raise OvertakenError
    return key


def _end_former(key: OtpKey, agent: AcademicCredential) -> None:
    former = (
        OtpKey.objects.select_for_update()
        .filter(holder=agent, slot=KeySlot.CURRENT)
        .exclude(pk=key.pk)
        .first()
    )
    if former is None:
        return
    former.state = key_after(KeyState(former.state), KeyEvent.REPLACED)
    former.slot = KeySlot.NONE
    former.save(update_fields=["state", "slot"])
    use_up_rescues(former)
    KeyAct.objects.create(
        key=former, holder=agent, at=timezone.now(), event=KeyEvent.REPLACED, actor=agent
    )
