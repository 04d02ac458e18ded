"""Seeds: anybody may seal one, only the guichet's own processes open it.

Shape: identifier of the guichet's key (4) + what `ent.sealing.wrapping` makes (48 + the seed).
Authority and serial are bound in: a seed copied to another key opens nothing.
"""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from ent.sealing.keys import KEY_ID_BYTES, KeyRole, current_key, key_by_id
from ent.sealing.wrapping import unwrap, wrap
from guichet.enums import Algorithm
from guichet.keys.codes import Clock
from guichet.keys.models import OtpKey

SHORTEST_SEED = 16
LONGEST_SEED = 64
_NOBODY = UUID(int=0)


def seal_seed(seed: bytes, *, authority: UUID, serial: str) -> bytes:
    """Seal a seed under the guichet's current public key."""
    key = current_key(KeyRole.OTP_SEED_PUBLIC)
    return key.id + wrap(seed, public_key=key.secret, context=_context(authority, serial))


def open_seed(sealed: bytes | memoryview, *, authority: UUID, serial: str) -> bytes:
    """Open a seed, or raise `SealError`; a process of another realm gets `ForbiddenKeyError`."""
    key = key_by_id(KeyRole.OTP_SEED_PRIVATE, bytes(sealed[:KEY_ID_BYTES]))
    context = _context(authority, serial)
    return unwrap(sealed[KEY_ID_BYTES:], private_key=key.secret, context=context)


def clock_of(key: OtpKey | None, *, authority: UUID) -> Clock:
    """Return the clock of a key; of nobody's key when there is none, for the same work."""
    if key is None:
        return Clock(seed=open_seed(seed_of_nobody(), authority=_NOBODY, serial=""))
    return Clock(
        seed=open_seed(key.sealed_seed, authority=authority, serial=key.serial),
        interval=key.interval_seconds,
        digits=key.digits,
        algorithm=Algorithm(key.algorithm),
        drift=key.drift_seconds,
    )


@lru_cache(maxsize=1)
def seed_of_nobody() -> bytes:
    """Return the sealed seed of nobody's key, made once per process."""
    return seal_seed(bytes(20), authority=_NOBODY, serial="")


def _context(authority: UUID, serial: str) -> bytes:
    return b"otp seed:" + authority.bytes + serial.encode("ascii")
