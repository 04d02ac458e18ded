"""How a chunk is encrypted.

AES-256-GCM under the file's own random key. Nonce and authenticated data hold the file, the number
of the chunk and whether it is the last one: chunks that are altered, exchanged, repeated or cut off
at the end do not open. The key encrypts each number once, so the nonce may be the number itself.
"""

import struct
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG_BYTES = 16
#: What a row of the database holds; with the tag it is exactly 256 kB.
CHUNK_BYTES = 256 * 1024 - TAG_BYTES
KEY_BITS = 256

_nonce = struct.Struct(">QI").pack
_aad = struct.Struct(">16sQ?").pack


class FileDamagedError(Exception):
    """A chunk is missing, altered, or of another file."""


class ChunkCipher:
    """Encrypts and decrypts the chunks of one file."""

    def __init__(self, key: bytes, file_uuid: UUID) -> None:
        self._cipher = AESGCM(key)
        self._file = file_uuid.bytes

    def encrypt(self, chunk: bytes, *, number: int, last: bool) -> bytes:
        """Return the ciphertext with its tag."""
        return self._cipher.encrypt(_nonce(number, last), chunk, _aad(self._file, number, last))

    def decrypt(self, ciphertext: bytes, *, number: int, last: bool) -> bytes:
        """Return the chunk, or raise `FileDamagedError`."""
        try:
            return self._cipher.decrypt(
                _nonce(number, last), ciphertext, _aad(self._file, number, last)
            )
        except InvalidTag:
            raise FileDamagedError(f"chunk {number} does not open") from None


def chunk_count(size: int) -> int:
    """Return how many chunks a file of that many bytes has; an empty file has one."""
    return max(1, -(-size // CHUNK_BYTES))
