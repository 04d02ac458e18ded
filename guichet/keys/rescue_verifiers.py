"""Recognising a rescue password by its keyed hash, which is all that is kept of it."""

from __future__ import annotations

from guichet.keys.models import OtpKey, RescuePassword
from signin import one_time_codes as codes


def verifier_of(code: str, *, key: OtpKey, day_number: int) -> bytes:
    """Return what is kept of a rescue password of this key and day."""
    return codes.verifier(code, key.uuid, day_number)


def is_rescue_of(rescue: RescuePassword | None, typed: str) -> bool:
    """Tell whether it is the rescue password: one keyed hash, also when there is none."""
    if rescue is None:
        return codes.matches(None, typed, None, 0)
    return codes.matches(rescue.verifier, typed, rescue.key.uuid, rescue.day.toordinal())
