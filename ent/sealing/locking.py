"""A small secret that the database keeps and this process must read again: the seed of a key.

Shape: key identifier (4) + nonce (12) + ciphertext + tag (16), AES-256-GCM under the role's key.
The context (whose secret it is) is authenticated: a row copied to somebody else opens nothing.
A dump without the key file holds no seed.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ent.sealing.boxes import SealError
from ent.sealing.keys import KEY_ID_BYTES, KeyRole, current_key, key_by_id

_NONCE_BYTES = 12


def lock(secret: bytes, *, role: KeyRole, context: bytes) -> bytes:
    """Return the secret locked under the role's current key."""
    key = current_key(role)
    nonce = os.urandom(_NONCE_BYTES)
    return key.id + nonce + AESGCM(key.secret).encrypt(nonce, secret, _bound(role, context))


def unlock(locked: bytes | memoryview, *, role: KeyRole, context: bytes) -> bytes:
    """Open what `lock` made, or raise `SealError`; a retired key raises `UnknownKeyError`."""
    whole = bytes(locked)
    nonce, sealed = whole[KEY_ID_BYTES:][:_NONCE_BYTES], whole[KEY_ID_BYTES + _NONCE_BYTES :]
    key = key_by_id(role, whole[:KEY_ID_BYTES])
    try:
        return AESGCM(key.secret).decrypt(nonce, sealed, _bound(role, context))
    except (InvalidTag, ValueError):
        raise SealError("the locked secret does not open here") from None


def _bound(role: KeyRole, context: bytes) -> bytes:
    return b"preau:" + role.value.encode("ascii") + b"\0" + context
