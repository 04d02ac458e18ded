"""Hashing a password, and comparing what was typed with a hash: one hash slot each."""

from __future__ import annotations

import unicodedata
from functools import cache

from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password

from signin.places import hash_slot

LONGEST_PASSWORD = 256
_NOBODY = "nobody types this"


def normalise_password(typed: str) -> str:
    """Return the password as it is hashed: Unicode NFC, nothing else changed.

    « é » is one character or two according to the keyboard; both must open (RFC 8265 likewise).
    """
    return unicodedata.normalize("NFC", typed)


def is_too_long(typed: str) -> bool:
    """Is it longer than any password of ours? Then it is refused before it is hashed."""
    return len(typed) > LONGEST_PASSWORD


def hash_password(password: str) -> str:
    """Return the hash to keep."""
    with hash_slot():
        return make_password(normalise_password(password))


def is_password_of(encoded: str, typed: str) -> bool:
    """Tell whether *typed* is the password of this hash."""
    with hash_slot():
        return verify_password(normalise_password(typed), encoded)


def verify_password(password: str, encoded: str) -> bool:
    """Compare a normalised password with a hash; the caller holds a hash slot."""
    return bool(identify_hasher(encoded).verify(password, encoded))


@cache
def hash_of_nobody() -> str:
    """Return a hash that no password opens: an unknown login costs as much as a known one."""
    return make_password(_NOBODY)


def needs_new_hash(encoded: str) -> bool:
    """Tell whether a stored hash is of another algorithm or of weaker parameters (T-L1).

    Never the reverse: a hash made with stronger parameters than ours is kept.
    """
    hasher, preferred = identify_hasher(encoded), get_hasher("default")
    if hasher.algorithm != preferred.algorithm:
        return True
    kept = hasher.decode(encoded)
    return any(kept[name] < getattr(preferred, name) for name in ("memory_cost", "time_cost"))
