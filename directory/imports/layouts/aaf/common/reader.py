"""A file as a stream of objects: cut, checksum, parse; memory is one block whatever the size.

**Cutting.** The bytes are cut at ``</addRequest>`` (or modify, delete). Is that right? Suppose the
pieces before this one were each one well-formed element with comments and white space around it.
Then a real parser stands, here, in the content of the root element, and if this piece too is a
well-formed element by itself the same holds after it. So by induction a file whose prolog, pieces
and tail are all accepted is well-formed as a whole, and its objects are exactly the pieces. If one
piece is not (an end tag inside a comment or CDATA, a truncated file, anything), the *whole* file
is streamed through the safe reader, which decides alone.

**Unchanged objects.** The checksum (BLAKE2b, 128 bits, personalised with the encoding and with the
declaration of what is kept of such an object) of a piece that was accepted once proves that this
piece is well-formed and what it means; its XML is therefore not parsed again. An attribute that is
newly kept changes the declaration, hence every checksum of the category.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from directory.imports.layouts.aaf.common.fast import FastReader
from directory.imports.layouts.aaf.common.layout import CategoryLayout
from directory.imports.layouts.aaf.common.objects import (
    MAX_RECORD_BYTES,
    SEPARATOR,
    AafObject,
    is_double_encoded,
    read_back,
)
from directory.imports.layouts.aaf.common.prolog import PROLOG_BYTES, read_prolog, skip_misc
from directory.imports.layouts.aaf.common.safe import parse_object, read_whole
from directory.imports.layouts.errors import WARNING, DeliveryRefused, ObjectAnomaly

BLOCK_BYTES = 1024 * 1024
_ADD_END = b"</addRequest>"
_ANY_END = re.compile(rb"</(add|modify|delete)Request>")
_ANY_END_SPLIT = re.compile(rb"</(?:add|modify|delete)Request>")
MIS_ENCODED_PERCENT = 1
"""Of the objects with accents: more, and the file is refused; fewer are mended and reported."""
_ROOT_END = re.compile(rb"</ficAlimMENESR[ \t\r\n]*+>")
_WHITE = b" \t\r\n"


class CutNotProven(Exception):
    """A piece is not an object by itself: only the safe reader may read this file."""


class AafFile:
    """One open file of a delivery. ``name`` is what messages show."""

    def __init__(
        self, path: Path, *, layout: CategoryLayout, name: str, whole: bool = False
    ) -> None:
        self.path = path
        self.attributes = layout.attributes()
        self.name = name
        self.whole = whole
        self._stream: BinaryIO = path.open("rb", buffering=0)
        try:
            self.prolog = read_prolog(self._stream.read(PROLOG_BYTES), file=name)
        except BaseException:
            self._stream.close()
            raise
        self.fast = FastReader(self.attributes)
        self._latin_9 = self.prolog.encoding == "iso8859-15"
        self._mis_encoded_objects = 0
        self._accented: int | None = None
        self._hash = hashlib.blake2b(
            digest_size=16, person=_person(self.prolog.encoding, layout.declaration())
        )

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> AafFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def checksum(self, piece: bytes) -> bytes:
        """The 16 bytes that say "this object, read this way"."""
        state = self._hash.copy()
        state.update(piece)
        return state.digest()

    def new_digest(self) -> hashlib.blake2b:
        """An empty digest for the file as a whole: that of its objects' checksums, in order."""
        return hashlib.blake2b(digest_size=16, person=b"file")

    def pieces(self) -> Iterator[tuple[int, bytes, str]]:
        """Cut: ``(offset, bytes without the end tag, operation)``, not yet parsed.

        Raises :class:`CutNotProven` when the tail is not the end of an AAF file or a piece is
        longer than an object may be.
        """
        stream = self._stream
        stream.seek(self.prolog.body_start)
        position = self.prolog.body_start
        if self.prolog.is_empty_root:
            raise CutNotProven
        rest = b""
        while block := stream.read(BLOCK_BYTES):
            data = rest + block if rest else block
            if b"modifyRequest" in data or b"deleteRequest" in data:
                start = 0
                for end in _ANY_END.finditer(data):
                    piece = data[start : end.start()].lstrip(_WHITE)
                    yield position + end.start() - len(piece), piece, end.group(1).decode()
                    start = end.end()
                rest = data[start:]
                position += start
            else:
                *parts, rest = data.split(_ADD_END)
                for part in parts:
                    piece = part.lstrip(_WHITE)
                    yield position + len(part) - len(piece), piece, "add"
                    position += len(part) + 13
            if len(rest) > MAX_RECORD_BYTES:
                raise CutNotProven
        if not _is_tail(rest):
            raise CutNotProven

    def piece_at(self, offset: int, length: int) -> bytes:
        """Read one piece again (second pass)."""
        self._stream.seek(offset)
        data = self._stream.read(length)
        while len(data) < length and (more := self._stream.read(length - len(data))):
            data += more
        return data

    def parse(self, offset: int, piece: bytes, operation: str) -> AafObject:
        """Parse one piece: strict expression first, real parser otherwise."""
        text, is_other = self._decode(piece, offset)
        latin_9 = self._latin_9 and not is_other
        made = self.fast.read(text, operation, latin_9=latin_9)
        if made is not None:
            if is_other or is_double_encoded(text):
                self._mend(made, offset, is_whole=is_other)
            return made
        if latin_9 and not piece.isascii():
            text = piece.decode("iso8859-15")
            made = self.fast.read(text, operation)
            if made is not None:
                if is_double_encoded(text):
                    self._mend(made, offset, is_whole=False)
                return made
        try:
            made, names = parse_object(text, operation=operation, attributes=self.attributes)
        except expat.ExpatError:
            raise CutNotProven from None
        except DeliveryRefused as refusal:
            raise DeliveryRefused(
                refusal.code, refusal.message, file=self.name, line=self.line_at(offset)
            ) from None
        if made.problem is None:
            self.fast.learn(operation, names)
        self._check_text(made, offset, is_whole=is_other)
        return made

    def objects(self) -> Iterator[tuple[int, int, bytes, AafObject]]:
        """Every object: ``(offset, length, checksum, object)``; the file is proven well-formed."""
        done = 0
        if not self.whole:
            try:
                for offset, piece, operation in self.pieces():
                    made = self.parse(offset, piece, operation)
                    yield offset, len(piece), self.checksum(piece), made
                    done += 1
            except CutNotProven:
                self.whole = True
            else:
                return
        with self.path.open("rb") as stream:
            for number, (start, end, made, _names) in enumerate(
                read_whole(stream, self.prolog, file=self.name, attributes=self.attributes)
            ):
                if number < done:
                    continue
                piece = self.piece_at(start, end - start)
                self._decode(piece, start)
                self._check_text(made, start)
                yield start, len(piece), self.checksum(piece), made

    def line_at(self, offset: int) -> int:
        """The line of a byte, counted only when somebody has to be told."""
        return lines_at(self.path, [offset])[offset]

    def _decode(self, piece: bytes, offset: int) -> tuple[str, bool]:
        """The text of a piece; is it UTF-8 though the file declares another encoding?"""
        if piece.isascii():
            return piece.decode("ascii"), False
        encoding = self.prolog.encoding
        if encoding == "utf-8":
            try:
                text = piece.decode("utf-8")
            except UnicodeDecodeError as error:
                raise self._mis_encoded(
                    offset + error.start, "le fichier se déclare en UTF-8 mais ne l’est pas"
                ) from None
            return text, False
        try:
            return piece.decode("utf-8"), True
        except UnicodeDecodeError:
            pass
        if encoding == "iso8859-15":
            # The strict expression refuses the eight that moved.
            return piece.decode("latin-1"), False
        try:
            return piece.decode(encoding), False
        except UnicodeDecodeError as error:
            raise self._mis_encoded(
                offset + error.start, f"octet sans signification en {encoding}"
            ) from None

    def _mis_encoded(self, offset: int, reason: str) -> DeliveryRefused:
        return DeliveryRefused(
            "mis_encoded",
            f"encodage incorrect : {reason}. Demandez un nouvel export.",
            file=self.name,
            line=self.line_at(offset),
        )

    def _mend(self, made: AafObject, offset: int, *, is_whole: bool) -> None:
        """Read accents that were encoded twice as what they were; a file full of them is refused.

        *is_whole*: the whole object was UTF-8 in a file that declares ISO-8859, and is read so.
        """
        self._mis_encoded_objects += 1
        if self._accented is None:
            self._accented = count_accented(self.path)
        if self._mis_encoded_objects * 100 > self._accented * MIS_ENCODED_PERCENT:
            raise self._mis_encoded(
                offset,
                "le fichier se déclare en ISO-8859 mais contient de l’UTF-8 "
                "(les noms s’afficheraient « Ã© »)"
                if is_whole
                else "des accents ont été encodés deux fois (« Ã© »)",
            )
        for name, value in made.attributes.items():
            made.attributes[name] = SEPARATOR.join(map(read_back, value.split(SEPARATOR)))
        message = (
            "Accents mal encodés dans cet objet, lus comme ils auraient dû l’être : à vérifier."
        )
        made.anomalies.append(ObjectAnomaly(WARNING, "accents_mended", message))

    def _check_text(self, made: AafObject, offset: int, *, is_whole: bool = False) -> None:
        if is_whole or any(
            not value.isascii() and is_double_encoded(value) for value in made.attributes.values()
        ):
            self._mend(made, offset, is_whole=is_whole)
        for value in made.attributes.values():
            if "\ufffd" in value:
                made.anomalies.append(
                    ObjectAnomaly(
                        WARNING,
                        "lost_letter",
                        "Une lettre avait déjà été perdue à l’export (« \ufffd »).",
                    )
                )
                return


def count_accented(path: Path) -> int:
    """How many objects of a file hold a letter beyond ASCII, as bytes or as a reference."""
    count, rest = 0, b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            *pieces, rest = _ANY_END_SPLIT.split(rest + block)
            count += sum(not piece.isascii() or b"&#" in piece for piece in pieces)
            rest = rest[-MAX_RECORD_BYTES:]
    return count


def _person(encoding: str, declaration: str) -> bytes:
    """The 16 bytes that BLAKE2b takes to tell one use of it from another."""
    return hashlib.blake2b(f"{encoding}\0{declaration}".encode(), digest_size=16).digest()


def _is_tail(rest: bytes) -> bool:
    """Whether nothing but the end of the root, white space and comments is left."""
    root_end = _ROOT_END.match(rest, skip_misc(rest, 0))
    return root_end is not None and skip_misc(rest, root_end.end()) == len(rest)


def lines_at(path: Path, offsets: list[int]) -> dict[int, int]:
    """Line numbers (from 1) of byte offsets, in one pass over the file."""
    lines: dict[int, int] = {}
    line, position, block, block_start = 1, 0, b"", 0
    with path.open("rb") as stream:
        for offset in sorted(set(offsets)):
            while offset >= block_start + len(block):
                line += block.count(b"\n", position - block_start)
                block_start += len(block)
                position = block_start
                block = stream.read(BLOCK_BYTES)
                if not block:
                    break
            if not block:
                lines[offset] = line
                continue
            line += block.count(b"\n", position - block_start, offset - block_start)
            position = offset
            lines[offset] = line
    return lines
