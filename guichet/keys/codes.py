"""The arithmetic of a key's clock: which time step a typed code is of, and what its clock says.

A key counts steps of `interval` seconds by its own clock, which is ahead of ours by `drift` seconds
(behind: negative). Around the step that it should be at, one more on either side is accepted; in a
wider window a code only announces that the key drifted (`guichet.keys.verification`).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import Final

from guichet.enums import Algorithm

STEPS_AROUND: Final = 1
FAR_SECONDS: Final = 15 * 60
"""A code that far from now announces a drift, and the one after it proves it."""
LEARNING_SHARE: Final = 0.25
TYPING_SECONDS: Final = 8
"""How long ago a code was read off the key, on average, when it reaches us."""

_HASHES: Final = {
    Algorithm.SHA1: hashlib.sha1,
    Algorithm.SHA256: hashlib.sha256,
    Algorithm.SHA512: hashlib.sha512,
}


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Clock:
    """A key's clock, its seed opened; it never shows in a representation."""

    seed: bytes
    interval: int = 60
    digits: int = 6
    algorithm: Algorithm = Algorithm.SHA1
    drift: float = 0.0

    def code(self, step: int) -> str:
        """Return the code of a step (RFC 4226, 5.3)."""
        mac = hmac.new(self.seed, struct.pack(">Q", step), _HASHES[self.algorithm]).digest()
        offset = mac[-1] & 0x0F
        number = struct.unpack_from(">I", mac, offset)[0] & 0x7FFFFFFF
        return str(number % 10**self.digits).zfill(self.digits)

    def step_at(self, now: float) -> int:
        """Return the step that the key should be at."""
        return int((now + self.drift) // self.interval)

    def match(self, typed: str, *, now: float) -> Match:
        """Compare with every step of both windows, always all of them."""
        centre = self.step_at(now)
        reach = max(FAR_SECONDS // self.interval, STEPS_AROUND)
        near: list[int] = []
        far: list[int] = []
        for step in range(max(centre - reach, 0), centre + reach + 1):
            if hmac.compare_digest(self.code(step), typed):
                (near if abs(step - centre) <= STEPS_AROUND else far).append(step)
        return Match(near=tuple(near), far=tuple(far))

    def learned(self, step: int, *, now: float) -> float:
        """Return the drift once a code of this step was accepted *now*."""
        shown_at = now - TYPING_SECONDS
        seen = (step + 0.5) * self.interval - shown_at
        return self.drift + LEARNING_SHARE * (seen - self.drift)

    def proved(self, step: int, *, now: float) -> float:
        """Return the drift that two codes in a row proved."""
        return (step + 0.5) * self.interval - (now - TYPING_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The steps whose code was typed: those that are believed, and those that announce a drift."""

    near: tuple[int, ...] = ()
    far: tuple[int, ...] = ()

    def fresh(self, *, after: int) -> int | None:
        """Return the step that is accepted: near, and later than every one before it."""
        return next((step for step in self.near if step > after), None)

    def announced(self, *, after: int) -> int | None:
        """Return the far step that is noted; the latest of two."""
        return next((step for step in reversed(self.far) if step > after), None)
