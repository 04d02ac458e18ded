"""A short secret sealed to a public key: the key of a file for the worker, then for one session.

Shape: ephemeral public key (32) + ciphertext + tag (16). The context (which file, which session)
is authenticated and enters the derivation: a wrapped key means nothing anywhere else.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ent.sealing.boxes import SealError
from ent.sealing.keys import KEY_ID_BYTES, KeyRole, current_key, key_by_id

_NONCE = bytes(12)  # each wrapping has its own ephemeral key, hence its own cipher key


def new_key_pair() -> tuple[bytes, bytes]:
    """Return a fresh (private, public) pair of 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def wrap(secret: bytes, *, public_key: bytes, context: bytes) -> bytes:
    """Seal the secret to the holder of the private half."""
    private, public = new_key_pair()
    shared = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(public_key)
    )
    key = _derive(shared, public + public_key, context)
    return public + AESGCM(key).encrypt(_NONCE, secret, context)


def unwrap(wrapped: bytes | memoryview, *, private_key: bytes, context: bytes) -> bytes:
    """Open what `wrap` sealed, or raise `SealError`."""
    public, sealed = bytes(wrapped[:32]), bytes(wrapped[32:])
    try:
        private = X25519PrivateKey.from_private_bytes(private_key)
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
        key = _derive(shared, public + private.public_key().public_bytes_raw(), context)
        return AESGCM(key).decrypt(_NONCE, sealed, context)
    except (InvalidTag, ValueError):
        raise SealError("the wrapped key does not open here") from None


def wrap_for_worker(secret: bytes, *, context: bytes) -> bytes:
    """Seal a file's key to the worker's current key; its identifier comes first."""
    key = current_key(KeyRole.FILE_WRAP_PUBLIC)
    return key.id + wrap(secret, public_key=key.secret, context=context)


def unwrap_in_worker(wrapped: bytes | memoryview, *, context: bytes) -> bytes:
    """Open a file's key; only a worker can."""
    key = key_by_id(KeyRole.FILE_WRAP_PRIVATE, bytes(wrapped[:KEY_ID_BYTES]))
    return unwrap(wrapped[KEY_ID_BYTES:], private_key=key.secret, context=context)


def _derive(shared: bytes, publics: bytes, context: bytes) -> bytes:
    return HKDF(
        algorithm=SHA256(), length=32, salt=publics, info=b"preau wrapped key v1" + context
    ).derive(shared)
