"""Writing a delivery: chunked files, one stream per category, constant memory."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from demo.aaf import layout
from demo.aaf.spec import Encoding, GeneratorSpec

_BUFFERED_RECORDS = 512


class CategoryWriter:
    """Records of one category, cut into files ``…_0000.xml``, ``…_0001.xml``."""

    def __init__(
        self, *, spec: GeneratorSpec, category: str, folder: Path, academy_number: str
    ) -> None:
        self._spec = spec
        self._category = category
        self._folder = folder
        self._header = layout.header(spec, academy_number)
        self._codec = "ascii" if spec.encoding is Encoding.REFERENCES else spec.encoding.value
        self._buffer: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._records_in_file = 0
        self.names: list[str] = []

    def write(self, record: str) -> None:
        """Add one record."""
        if self._records_in_file >= self._spec.chunk_size:
            self._end_file()
        self._records_in_file += 1
        self._buffer.append(self._bytes(record))
        if len(self._buffer) >= _BUFFERED_RECORDS:
            self._flush()

    def _bytes(self, text: str) -> bytes:
        if self._spec.encoding is Encoding.LATIN9:
            # ISO-8859-1 is three times faster to write and differs only by eight signs: our
            # lists hold none of the eight that it has, and the eight that it lacks (« œ »…)
            # make it fail.
            try:
                return text.encode("latin-1")
            except UnicodeEncodeError:
                pass
        return text.encode(self._codec, "xmlcharrefreplace")

    def _flush(self) -> None:
        if self._file is None:
            name = (
                f"{self._spec.project}_Complet_{self._spec.date:%Y%m%d}_"
                f"{self._category}_{len(self.names):04d}.xml"
            )
            self._file = (self._folder / name).open("wb")
            self._file.write(self._bytes(self._header))
            self.names.append(name)
        self._file.write(b"".join(self._buffer))
        self._buffer.clear()

    def _end_file(self) -> None:
        self._flush()
        if self._file is not None:
            self._file.write(self._bytes(layout.FOOTER))
            self._file.close()
            self._file = None
        self._records_in_file = 0

    def close(self) -> None:
        """End the last file; a category without a record still gets one, empty."""
        if self._file is not None or self._buffer or not self.names:
            self._end_file()


@contextmanager
def delivery_folder(target: Path) -> Iterator[Path]:
    """The folder to write to: ``target``, or a private one packed into ``target`` (.tgz)."""
    if target.suffix not in {".tgz", ".gz"}:
        target.mkdir(parents=True, exist_ok=True)
        yield target
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        yield folder
        with tarfile.open(target, "w:gz", compresslevel=1) as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, arcname=path.name, filter=_without_a_clock)


def _without_a_clock(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Same content, same member: neither owner nor time of writing."""
    member.mtime = 0
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
