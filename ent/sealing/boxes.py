"""Sealed boxes: what any process may close and only the worker may open.

One batch has one ephemeral X25519 key. Its shared secret with the worker's key goes through
HKDF-SHA-256 (extract once, expand in blocks) and gives each box its own AES-256-GCM key; the box
carries its number in the batch, from which the opener finds that key again. The account, the
generation of its code and the identifier of the worker's key are authenticated: a box copied to
another row does not open (T-F1b).

Shapes: header = version (1) + key id (4) + ephemeral public key (32) = 37 bytes, kept once a batch;
box = number (4) + ciphertext + tag (16) = 32 bytes for a code of twelve characters. Because no key
serves twice the nonce is constant; that is also why a batch must not be shared by two processes.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from ent.sealing.keys import KEY_BYTES, KEY_ID_BYTES, KeyRole, current_key, key_by_id

HEADER_BYTES = 1 + KEY_ID_BYTES + 32
BOX_OVERHEAD_BYTES = 4 + 16

_VERSION = 1
_NONCE = bytes(12)
_BLOCK_KEYS = 64
# Two kilobytes each. The boxes of one school lie scattered over an import's batch, and deriving a
# block again for each box would cost twenty times the box.
_KEPT_BLOCKS = 1024
_LAST_NUMBER = 2**32 - 1
_number = struct.Struct(">I")
_aad = struct.Struct(f">16sI{KEY_ID_BYTES}s").pack
# How many forks this process descends from: `os.getpid` at each box would cost an eighth of it.
_forks = 0


def _count_fork() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_count_fork)


class SealError(Exception):
    """The box does not open: altered, moved to another account or generation, or of another key."""


class SealingBatch:
    """Boxes sealed with one ephemeral key; its private half dies with the object."""

    def __init__(self, header: bytes, secret: bytes) -> None:
        self.header = header
        self._key_id = header[1 : 1 + KEY_ID_BYTES]
        self._secret = secret
        self._keys = self._draw_keys()
        self._forks = _forks

    @classmethod
    def open_new(cls) -> Self:
        """Start a batch under the worker's current public key."""
        recipient = current_key(KeyRole.ACTIVATION_SEAL_PUBLIC)
        ephemeral = X25519PrivateKey.generate()
        header = bytes([_VERSION]) + recipient.id + ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient.secret))
        return cls(header, _extract(shared, header, recipient.secret))

    def seal(self, plaintext: bytes, *, account: UUID, generation: int) -> bytes:
        """Close one box for the account and the generation of its code."""
        return next(self.seal_many(((plaintext, account, generation),)))

    def seal_many(self, items: Iterable[tuple[bytes, UUID, int]]) -> Iterator[bytes]:
        """Close a box for each (plaintext, account, generation); 100,000 a second and more."""
        key_id, keys, pack = self._key_id, self._keys, _number.pack
        for plaintext, account, generation in items:
            if self._forks != _forks:
                raise RuntimeError("a batch belongs to the process that opened it")
            number, key = next(keys)
            aad = _aad(account.int.to_bytes(16, "big"), generation, key_id)
            yield pack(number) + AESGCM(key).encrypt(_NONCE, plaintext, aad)

    def _draw_keys(self) -> Iterator[tuple[int, bytes]]:
        for block in range(_LAST_NUMBER // _BLOCK_KEYS):
            material = _expand(self._secret, block)
            for slot in range(_BLOCK_KEYS):
                yield (
                    block * _BLOCK_KEYS + slot,
                    material[slot * KEY_BYTES : (slot + 1) * KEY_BYTES],
                )


class BoxOpener:
    """Opens the boxes of one batch, in any order, best in the order of their sealing (worker)."""

    def __init__(self, header: bytes | memoryview) -> None:
        header = bytes(header)
        if len(header) != HEADER_BYTES or header[0] != _VERSION:
            raise SealError("this is not the header of a batch")
        self._key_id = header[1 : 1 + KEY_ID_BYTES]
        key = key_by_id(KeyRole.ACTIVATION_SEAL_PRIVATE, self._key_id)
        private = X25519PrivateKey.from_private_bytes(key.secret)
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(header[-32:]))
        except ValueError:
            raise SealError("the header holds no usable public key") from None
        secret = _extract(shared, header, private.public_key().public_bytes_raw())
        self._block = lru_cache(maxsize=_KEPT_BLOCKS)(lambda block: _expand(secret, block))

    def open(self, box: bytes | memoryview, *, account: UUID, generation: int) -> bytes:
        """Return the plaintext, or raise `SealError`."""
        box = bytes(box)
        if len(box) < BOX_OVERHEAD_BYTES:
            raise SealError("this is not a box")
        block, slot = divmod(_number.unpack_from(box)[0], _BLOCK_KEYS)
        key = self._block(block)[slot * KEY_BYTES : (slot + 1) * KEY_BYTES]
        aad = _aad(account.bytes, generation, self._key_id)
        try:
            return AESGCM(key).decrypt(_NONCE, box[4:], aad)
        except InvalidTag:
            raise SealError("the box does not open for this account and generation") from None

    def open_many(self, boxes: Iterable[tuple[bytes, bytes, int]]) -> Iterator[bytes | None]:
        """Return the plaintext of each (box, account's 16 bytes, generation), None where `open`
        would raise: for files of thousands of codes, where calls and UUIDs cost more than boxes.
        """
        block_of, key_id, unpack = self._block, self._key_id, _number.unpack_from
        for box, account, generation in boxes:
            if len(box) < BOX_OVERHEAD_BYTES:
                yield None
                continue
            block, slot = divmod(unpack(box)[0], _BLOCK_KEYS)
            start = slot * KEY_BYTES
            cipher = AESGCM(block_of(block)[start : start + KEY_BYTES])
            try:
                yield cipher.decrypt(_NONCE, box[4:], _aad(account, generation, key_id))
            except InvalidTag:
                yield None


def open_box(
    header: bytes | memoryview, box: bytes | memoryview, *, account: UUID, generation: int
) -> bytes:
    """Open a single box; keep a `BoxOpener` where a batch has many."""
    return BoxOpener(header).open(box, account=account, generation=generation)


def is_current(header: bytes | memoryview) -> bool:
    """Tell whether the batch is sealed under the worker's current key."""
    return bytes(header)[1 : 1 + KEY_ID_BYTES] == current_key(KeyRole.ACTIVATION_SEAL_PUBLIC).id


def _extract(shared: bytes, header: bytes, recipient_public: bytes) -> bytes:
    """Bind the shared secret to both public keys: RFC 5869 extract, then a first expand."""
    return HKDF(
        algorithm=SHA256(), length=32, salt=header + recipient_public, info=b"preau sealed batch v1"
    ).derive(shared)


def _expand(secret: bytes, block: int) -> bytes:
    return HKDFExpand(
        SHA256(), _BLOCK_KEYS * KEY_BYTES, b"preau box keys v1" + _number.pack(block)
    ).derive(secret)
