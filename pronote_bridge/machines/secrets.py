"""Bearer secrets of machines: shown once; a hash finds them, a derived key pair opens files."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_RANDOM_BYTES: Final = 32
_PREFIX: Final = "preau_pronote_"
LONGEST: Final = 100


def new_secret() -> str:
    """Return a fresh secret of 256 bits; its prefix lets a scanner of leaks recognise it."""
    return _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret, and by which it is found.

    A plain SHA-256: nobody guesses 256 random bits, and no rotation of keys loses it.
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def private_key_of(secret: str) -> bytes:
    """Return the private key (X25519) that only the holder of the secret can derive."""
    derivation = HKDF(SHA256(), length=32, salt=None, info=b"preau pronote machine v1")
    return derivation.derive(secret.encode())


def public_key_of(secret: str) -> bytes:
    """Return the public half, to which a worker seals the keys of files."""
    private = X25519PrivateKey.from_private_bytes(private_key_of(secret))
    return private.public_key().public_bytes_raw()
