"""Checking both layers against schemas of our own writing (`schemas/*.xsd`).

The inner layer is checked while it is written, in constant memory: the clear text exists nowhere
as a whole. The outer one is checked on the finished file, read again piece by piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final, cast
from xml.parsers import expat

from lxml import etree

_SCHEMAS: Final = Path(__file__).parent / "schemas"
_OUTER: Final = "http://www.index-education.com/containeurimportchiffreV1"
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")
#: Longest text kept of one element; a longer one is base64, whose signs are checked as they come.
_KEPT_CHARACTERS: Final = 64 * 1024


class SchemaBroken(Exception):
    """The document does not follow its schema; the message says where, without any name."""


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_SCHEMAS / f"{name}.xsd"))


class InnerChecker:
    """Takes the inner layer piece by piece; raises `SchemaBroken` at the first breach."""

    def __init__(self) -> None:
        self._parser = etree.XMLPullParser(events=("end",), schema=_schema("inner"))

    def feed(self, data: bytes) -> None:
        """Check the next bytes, and forget the elements that are whole."""
        try:
            self._parser.feed(data)
            self._forget()
        except etree.XMLSyntaxError as error:
            raise SchemaBroken(_where(error)) from None

    def close(self) -> None:
        """The document is at its end; it must be whole."""
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            raise SchemaBroken(_where(error)) from None

    def _forget(self) -> None:
        for event in self._parser.read_events():
            element = cast("Any", event[1])
            parent = element.getparent()
            # Members of a list: their parent stands below the root.
            if parent is not None and parent.getparent() is not None:
                element.clear()
                while element.getprevious() is not None:
                    del parent[0]


def check_outer(pieces: Iterable[bytes]) -> None:
    """Check a finished file in the vendor's envelope, whatever its size, in constant memory."""
    outline = _Outline()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = outline.start
    parser.EndElementHandler = outline.end
    parser.CharacterDataHandler = outline.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise SchemaBroken(f"line {error.lineno}") from None
    if outline.root is None or not _schema("outer").validate(outline.root):
        raise SchemaBroken("the envelope does not follow its schema")


class _Outline:
    """The document with long base64 texts shortened, once every sign of them was checked."""

    def __init__(self) -> None:
        self.root: etree._Element | None = None
        self._open: list[etree._Element] = []
        self._kept = ""
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = "{" + name if "}" in name else name
        element = etree.Element(tag, attributes)
        if self._open:
            self._open[-1].append(element)
        else:
            self.root = element
        self._open.append(element)
        self._kept, self._length = "", 0

    def text(self, data: str) -> None:
        self._length += len(data)
        if len(self._kept) + len(data) <= _KEPT_CHARACTERS:
            self._kept += data
        elif not _BASE64.fullmatch(data):
            raise SchemaBroken("the content is not base64")

    def end(self, _name: str) -> None:
        element = self._open.pop()
        if self._length > len(self._kept):
            if self._length % 4:
                raise SchemaBroken("the content is cut")
            self._kept = self._kept[: len(self._kept) // 4 * 4]
        if not len(element):
            element.text = self._kept
        self._kept, self._length = "", 0


def _where(error: Any) -> str:
    """Say the rule that was broken, never the value: it may be somebody's name."""
    entry = error.error_log.last_error
    return f"{entry.type_name} (line {entry.line})" if entry is not None else "not well-formed"
