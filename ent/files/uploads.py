"""Uploads too large for memory: on disk they are encrypted, and their file has no name.

A delivery is thousands of children's names. Django would keep it in clear in the temporary folder
until the request ends, and for ever when the process is killed before. Here the key lives in this
process only, and the file is unlinked from the start: a dead process leaves nothing to read.
"""

from __future__ import annotations

import io
import tempfile
import uuid
import weakref
from typing import IO, Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from ent.files.cipher import CHUNK_BYTES, KEY_BITS, TAG_BYTES, ChunkCipher
from ent.web.body_size import most_bytes

_FORM_BYTES: Final = 512 * 1024
"""What a form may weigh around its files: fields, names, boundaries."""


class SealedSpool(io.RawIOBase):
    """Written once from the beginning to :meth:`finish`, then read anywhere."""

    def __init__(self) -> None:
        # Closed with this stream, by the request or by whoever read it; or with the last reference
        # to it: until then the finalizer keeps the file out of a cycle that is collected.
        self._file: IO[bytes] = tempfile.TemporaryFile(  # noqa: SIM115
            dir=settings.FILE_UPLOAD_TEMP_DIR
        )
        weakref.finalize(self, self._file.close)
        self._cipher = ChunkCipher(AESGCM.generate_key(KEY_BITS), uuid.uuid4())
        self._pending = bytearray()
        self._chunks = 0
        self._size = 0
        self._is_finished = False
        self._position = 0
        self._read: tuple[int, bytes] = (-1, b"")

    def append(self, data: bytes) -> None:
        """Take more bytes; only whole chunks go to disk, encrypted."""
        self._pending += data
        self._size += len(data)
        while len(self._pending) > CHUNK_BYTES:
            self._store(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]

    def finish(self) -> None:
        """Nothing more will come."""
        self._store(bytes(self._pending), last=True)
        self._file.flush()
        self._pending.clear()
        self._is_finished = True

    def readable(self) -> bool:
        """It is read once it is finished."""
        return self._is_finished

    def seekable(self) -> bool:
        """Any place can be read."""
        return True

    def tell(self) -> int:
        """Return the place of the next read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place of the content."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Fill *buffer* with what the chunk at this place still has."""
        if self._position >= self._size:
            return 0
        number, start = divmod(self._position, CHUNK_BYTES)
        view = memoryview(buffer).cast("B")
        part = self._chunk(number)[start : start + len(view)]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()
        self._read = (-1, b"")
        super().close()

    def _store(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(chunk, number=self._chunks, last=last))
        self._chunks += 1

    def _chunk(self, number: int) -> bytes:
        if self._read[0] != number:
            self._file.seek(number * (CHUNK_BYTES + TAG_BYTES))
            sealed = self._file.read(CHUNK_BYTES + TAG_BYTES)
            is_last = number == self._chunks - 1
            self._read = (number, self._cipher.decrypt(sealed, number=number, last=is_last))
        return self._read[1]


class SealedUploadHandler(FileUploadHandler):
    """Takes what ``MemoryFileUploadHandler`` leaves (``FILE_UPLOAD_HANDLERS``)."""

    file: SealedSpool
    """So named because Django closes the ``file`` of a handler when reading the body fails."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Refuse a body before its first byte reaches the disk: nobody uploads without an account.

        The form's token is read from the body before any view runs, so a stranger's gigabytes
        would otherwise be taken in by every page.
        """
        if content_length > most_bytes(self.request) + _FORM_BYTES:
            raise RequestDataTooBig("the body is larger than this page takes")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open the spool of the next file."""
        super().new_file(*args, **kwargs)
        self.file = SealedSpool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Encrypt what arrived."""
        self.file.append(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        """Hand the file over."""
        self.file.finish()
        return UploadedFile(
            file=io.BufferedReader(self.file),
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        """Forget what arrived of a file whose sender left."""
        if hasattr(self, "file"):
            self.file.close()
