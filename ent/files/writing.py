"""Writing a file as a stream, in constant memory.

    with create_file(name="…csv", media_type="text/csv", purpose="credentials") as out:
        out.write(b"…")
    out.file  # the row

Everything happens in one transaction: until it commits nobody sees a row, and a failure, a full
disk or kill -9 leaves nothing behind (T-F14).
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import Error, transaction
from django.utils import timezone

from ent.files.chunks import store_chunk
from ent.files.cipher import CHUNK_BYTES, KEY_BITS, ChunkCipher
from ent.files.models import LIFETIME, StoredFile
from ent.files.purposes import get_purpose
from ent.outages.causes import first_failure
from ent.sealing.wrapping import wrap_for_worker

_LONGEST_NAME = 150


class FileWriter(io.BufferedIOBase):
    """A binary stream that only goes forward (`csv`, `zipfile` and `TextIOWrapper` write into it).

    Closing it writes nothing more: the file is finished at the end of the `with create_file` block.
    """

    def __init__(self, file: StoredFile, cipher: ChunkCipher) -> None:
        self.file = file
        self._cipher = cipher
        self._pending = bytearray()
        self._number = 0
        self._written = 0
        self._digest = hashlib.sha256()
        self._is_broken = False

    @property
    def name(self) -> str:
        """The file's name, which text wrappers show."""
        return self.file.name

    def writable(self) -> bool:
        """It is written."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    def write(self, data: Any, /) -> int:
        """Take more bytes; whole chunks go to the database, the last one waits for the end."""
        view = memoryview(data).cast("B")
        if self._is_broken:  # the end of an archive, written while the error goes up
            return len(view)
        self._digest.update(view)
        self._written += len(view)
        self._pending += view
        while len(self._pending) > CHUNK_BYTES:
            self._store(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]
        return len(view)

    def finish(self) -> None:
        """Write the last chunk and what is known of the file now."""
        self._store(bytes(self._pending), last=True)
        self._pending.clear()
        self.file.size = self._written
        self.file.sha256 = self._digest.digest()
        self.file.save(update_fields=["size", "sha256"])

    def _store(self, chunk: bytes, *, last: bool) -> None:
        ciphertext = self._cipher.encrypt(chunk, number=self._number, last=last)
        try:
            store_chunk(self.file, self._number, ciphertext)
        except Error:
            self._is_broken = True
            raise
        self._number += 1


@contextmanager
def create_file(
    *,
    name: str,
    media_type: str,
    purpose: str,
    school_uai: str = "",
    authority_code: str = "",
    lifetime: timedelta = LIFETIME,
) -> Iterator[FileWriter]:
    """Open a new file for writing; it exists when the block ends without an exception."""
    get_purpose(purpose)
    now = timezone.now()
    file_uuid, key = uuid4(), AESGCM.generate_key(KEY_BITS)
    with transaction.atomic():
        file = StoredFile.objects.create(
            uuid=file_uuid,
            name=_checked_name(name),
            media_type=media_type,
            purpose=purpose,
            school_uai=school_uai,
            authority_code=authority_code,
            size=0,
            sha256=b"",
            wrapped_key=wrap_for_worker(key, context=file_uuid.bytes),
            created_at=now,
            expires_at=now + lifetime,
        )
        writer = FileWriter(file, ChunkCipher(key, file_uuid))
        try:
            yield writer
        except Error as failure:
            # Whoever wrote may have gone on (`zipfile` ends its archive) on a broken transaction.
            if (true := first_failure(failure)) is not failure:
                raise true from true.__cause__
            raise
        writer.finish()


def _checked_name(name: str) -> str:
    """Refuse a name that could leave its folder, break a header or hide its extension."""
    unsafe = any(
        unicodedata.category(character)[0] in "CZ" and character != " " for character in name
    )
    if not name or len(name) > _LONGEST_NAME or unsafe or set('/\\:*?"<>|') & set(name):
        raise ValueError("a file's name has at most 150 printable characters, no path, no quote")
    if name.startswith("."):
        raise ValueError("a file's name does not start with a dot")
    return name
