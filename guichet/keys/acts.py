"""What each event of the desk does to a key's row: pure, by the tables of `transitions`.

`guichet.assistance.services` calls it under the row's lock and saves.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from guichet.agents.models import AcademicCredential
from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, KeySlot, KeyState, PinState
from guichet.keys.models import HELD, OtpKey
from guichet.keys.transitions import IllegalTransition, key_after, pin_after

DISABLING: Final = (
    KeyEvent.LOST,
    KeyEvent.STOLEN,
    KeyEvent.BROKEN,
    KeyEvent.HOLDER_LEFT,
    KeyEvent.REPLACED,
    KeyEvent.EXPIRED,
    KeyEvent.WITHDRAWN,
)


def assign(key: OtpKey, holder: AcademicCredential, *, guichet: Guichet, now: datetime) -> None:
    """Put a key of the stock beside the holder's present one; the first use ends that one."""
    if key.expires_on is not None and key.expires_on < now.date():
        raise IllegalTransition("the key has expired")
    key.state = key_after(KeyState(key.state), KeyEvent.ASSIGNED)
    key.holder, key.slot = holder, KeySlot.NEXT
    key.assigned_at = now
    key.first_use_until = now + timedelta(days=guichet.first_use_days)


def happen(key: OtpKey, event: KeyEvent, *, guichet: Guichet, now: datetime) -> None:
    """Change the row as the event says, or raise `IllegalTransition` and change nothing."""
    had_pin = key.pin_state != PinState.NONE
    state = key_after(KeyState(key.state), event, had_pin=had_pin)
    pin_state = pin_after(PinState(key.pin_state), event)
    if event == KeyEvent.PIN_CANCELLED:
        if not had_pin:
            raise IllegalTransition("no PIN was ever chosen")
        key.former_pin, key.pin = key.pin or key.former_pin, ""
        key.first_use_until = now + timedelta(hours=guichet.cancelled_pin_hours)
        key.first_use_failures = 0
    elif event == KeyEvent.UNLOCKED:
        key.failures = key.first_use_failures = 0
        key.locked_at, key.far_step = None, -1
        if not had_pin:
            key.first_use_until = now + timedelta(days=guichet.first_use_days)
    elif event == KeyEvent.TAKEN_BACK:
        key.holder, key.assigned_at, key.first_use_until = None, None, None
        key.pin = key.former_pin = ""
        key.failures = key.first_use_failures = 0
        key.locked_at, key.far_step = None, -1
    key.state, key.pin_state = state, pin_state
    if state not in HELD:
        key.slot = KeySlot.NONE


def resynchronise(key: OtpKey, *, step: int, drift: float) -> None:
    """Two codes in a row were read out: the key's clock is known, and both codes are burnt."""
    key.state = key_after(KeyState(key.state), KeyEvent.RESYNCHRONISED)
    key.last_step, key.drift_seconds, key.far_step = step, drift, -1
