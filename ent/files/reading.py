"""Reading a file as a stream."""

from __future__ import annotations

from collections.abc import Iterator

from ent.files.chunks import load_chunk
from ent.files.cipher import CHUNK_BYTES, ChunkCipher, FileDamagedError, chunk_count
from ent.files.models import StoredFile
from ent.sealing.wrapping import unwrap_in_worker


def read_file(file: StoredFile) -> Iterator[bytes]:
    """Stream the content of a file; only a worker has the key for it."""
    return stream(file, file_key(file))


def file_key(file: StoredFile) -> bytes:
    """Return the key of a file (worker)."""
    return unwrap_in_worker(file.wrapped_key, context=file.uuid.bytes)


def stream(file: StoredFile, key: bytes) -> Iterator[bytes]:
    """Stream the content of a file whose key one has, a chunk in memory at a time.

    Raises `FileDamagedError` at the chunk that is missing or altered, which includes a file that is
    deleted while it is read.
    """
    yield from _chunks(file, key, first=0)


def stream_part(file: StoredFile, key: bytes, part: range) -> Iterator[bytes]:
    """Stream these bytes of a file; only the chunks that hold them are read."""
    first = part.start // CHUNK_BYTES
    place = first * CHUNK_BYTES
    for chunk in _chunks(file, key, first=first):
        if place >= part.stop:
            return
        yield chunk[max(0, part.start - place) : part.stop - place]
        place += len(chunk)


def _chunks(file: StoredFile, key: bytes, *, first: int) -> Iterator[bytes]:
    cipher = ChunkCipher(key, file.uuid)
    count = chunk_count(file.size)
    for number in range(first, count):
        ciphertext = load_chunk(file, number)
        if ciphertext is None:
            raise FileDamagedError(f"chunk {number} is missing")
        yield cipher.decrypt(ciphertext, number=number, last=number == count - 1)
