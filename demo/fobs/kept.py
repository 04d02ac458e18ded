"""The fobs: a serial, a seed, and what each displays at an instant. Imports nothing of ours."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

COUNT: Final = 6
STEP_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Fob:
    """One key of plastic; *seed* is in hexadecimal, as its maker delivered it."""

    serial: str
    seed: str

    def shows(self, now: float) -> str:
        """Return the six figures of this minute (RFC 6238, SHA-1)."""
        counter = struct.pack(">Q", int(now) // STEP_SECONDS)
        mac = hmac.new(bytes.fromhex(self.seed), counter, hashlib.sha1).digest()
        at = mac[-1] & 15
        number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"


def read_fobs(path: Path) -> list[Fob]:
    """Return the fobs of the drawer."""
    return [Fob(**one) for one in json.loads(path.read_text(encoding="ascii"))]


def read_or_make_fobs(path: Path) -> list[Fob]:
    """Return the fobs, made with seeds of their own at the first start; only the owner reads."""
    if path.exists():
        return read_fobs(path)
    fobs = [Fob(f"DEMO{number:06d}", secrets.token_hex(20)) for number in range(1, COUNT + 1)]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(fob) for fob in fobs]), encoding="ascii")
    return fobs
