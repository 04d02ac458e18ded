"""How passwords are hashed.

Argon2id at OWASP's minimum (m=19456 KiB, t=2, p=1): 19 ms of CPU here, where Django's default
parameters take 182 ms and would let a few hundred posts per second stop a school. A system check
(`ent.deployment.checks`) refuses a start with less.

Hashes are made by argon2-cffi, as Django makes them, and compared by libsodium: the same function,
with the processor's vector instructions (argon2-cffi's wheels are compiled for any processor), and
its 19 MiB go back to the system after each hash instead of staying in every process.
"""

from __future__ import annotations

from typing import Final

import nacl.exceptions
import nacl.pwhash
from django.contrib.auth.hashers import Argon2PasswordHasher

_NAME: Final = Argon2PasswordHasher.algorithm or ""
_MEMORY_KIB: Final = 19456
_PASSES: Final = 2
# How a hash of ours begins; whatever follows is its salt and itself.
_CURRENT_PREFIX: Final = f"{_NAME}$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p=1$"


class PreauArgon2(Argon2PasswordHasher):
    """Argon2id with our parameters; a hash made with others is re-made at the next sign-in."""

    memory_cost = _MEMORY_KIB
    time_cost = _PASSES
    parallelism = 1

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether it is the password's hash; one of other parameters is Django's matter."""
        if not encoded.startswith(_CURRENT_PREFIX):
            return bool(super().verify(password, encoded))
        phc = encoded.removeprefix(_NAME).encode()
        try:
            return nacl.pwhash.verify(phc, password.encode())
        except nacl.exceptions.InvalidkeyError:
            return False
