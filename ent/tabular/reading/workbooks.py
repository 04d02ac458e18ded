"""XLSX workbooks, read without trusting them: ECMA-376 part 1, §18.3 and part 2.

A workbook is a ZIP of XML that somebody uploads. Only the parts of a list are opened (the list of
sheets, the sheets, their texts), each as a stream that is cut at 32 MB whatever its header says,
all of them together at 64 MB; expat builds no tree, and a document type, so any entity, is refused.
Formulas give the value that was saved with them, nothing is computed or fetched.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final
from xml.parsers import expat

from ent.tabular.reading.grids import (
    DAY_ZERO,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    ListRefused,
    Row,
    cell_text,
)

_MOST_BYTES: Final = 32 * 1024 * 1024
"""Of one part, once decompressed."""
_MOST_ELEMENTS: Final = 1_000_000
"""Of one part: some seconds of work; a list of fifty thousand lines has fewer."""
_LONGEST_TOKEN: Final = 1024 * 1024
"""Bytes: expat reads a token that is not finished again with each block."""
_MOST_SHEETS: Final = 20
_MOST_BYTES_IN_ALL: Final = 2 * _MOST_BYTES
_MOST_ELEMENTS_IN_ALL: Final = 2 * _MOST_ELEMENTS
_MOST_CELLS: Final = 1_000_000
"""Of the whole workbook; the empty ones before the last one of a row count too."""
_LAST_ROW: Final = 1_048_576
"""Of any spreadsheet (XFD1048576)."""
_BLOCK: Final = 64 * 1024
_DEEPEST: Final = 40
#: Workbooks of old Macintoshes count from 1904 (§18.2.28).
_DAY_ZERO_OF_1904: Final = date(1904, 1, 1)
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})\d+\Z")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DAMAGED: Final = (
    "ce classeur XLSX est abîmé ou n’en est pas un. Ouvrez-le dans un tableur et enregistrez-le de "
    "nouveau."
)
_TOO_LARGE: Final = "ce classeur est trop grand pour une liste."

_Attributes = dict[str, str]


def is_zip(data: bytes) -> bool:
    """Does the file begin like a ZIP, hence like a workbook?"""
    return data.startswith(b"PK\x03\x04")


def read_workbook(data: bytes) -> Iterator[Grid]:
    """Read the visible sheets of a workbook one after the other, each as a grid of texts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            yield from _sheets(package)
    except ListRefused:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        # a method or an encryption that Python does not know, a damaged name, a missing part
        NotImplementedError,
        RuntimeError,
        LookupError,
        ValueError,
        EOFError,
        OSError,
    ):
        raise ListRefused(_DAMAGED) from None


@dataclass(slots=True)
class _Budget:
    """What a whole workbook may still cost, however many parts it has or names."""

    read: int = _MOST_BYTES_IN_ALL
    elements: int = _MOST_ELEMENTS_IN_ALL
    cells: int = _MOST_CELLS

    def spend(self, *, read: int = 0, elements: int = 0, cells: int = 0, line: int = 0) -> None:
        self.read -= read
        self.elements -= elements
        self.cells -= cells
        if min(self.read, self.elements, self.cells) < 0:
            raise ListRefused(_TOO_LARGE, line=line)


def _sheets(package: zipfile.ZipFile) -> Iterator[Grid]:
    if "mimetype" in package.namelist():
        raise ListRefused(
            "ce fichier est un document LibreOffice (ODS). Enregistrez-le au format XLSX ou CSV."
        )
    book, budget = _Book(), _Budget()
    main = _main_part(package, budget)
    _parse(package, main, budget, book.start, lambda name: None, lambda text: None)
    targets = _relations(package, main, budget)
    parts = [targets[relation][1] for relation in book.sheets[:_MOST_SHEETS]]
    if len(set(parts)) < len(parts):
        raise ListRefused(_DAMAGED)
    texts = _texts(package, targets, budget)
    for part in parts:
        sheet = _Sheet(texts, budget)
        _parse(package, part, budget, sheet.start, sheet.end, sheet.text)
        yield Grid(tuple(sheet.rows), book.day_zero)


@dataclass(slots=True)
class _Book:
    """The part that lists the sheets."""

    sheets: list[str] = field(default_factory=list)
    day_zero: date = DAY_ZERO

    def start(self, name: str, attributes: _Attributes) -> None:
        if name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            self.day_zero = _DAY_ZERO_OF_1904
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            self.sheets.append(attributes["id"])


class _Texts:
    """The table of shared texts; what stands above a text as a reading aid (`rPh`) is left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._is_text = False
        self._aids = 0

    def start(self, name: str, attributes: _Attributes) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._aids += 1
        elif name == "t":
            self._is_text = self._aids == 0

    def end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._aids -= 1
        elif name == "si":
            self.found.append(cell_text(_plain("".join(self._pieces))))

    def text(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)


class _Sheet:
    """The rows of one sheet; a cell without a reference stands after the one before it."""

    def __init__(self, texts: list[str], budget: _Budget) -> None:
        self.rows: list[Row] = []
        self._texts = texts
        self._budget = budget
        self._number = 0
        self._cells: dict[int, str] = {}
        self._column = -1
        self._kind = ""
        self._pieces: list[str] = []
        self._is_value = False
        self._aids = 0

    def start(self, name: str, attributes: _Attributes) -> None:
        if name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells, self._column = {}, -1
        elif name == "c":
            self._column = _column_of(attributes.get("r", ""), self._column + 1)
            self._kind, self._pieces = attributes.get("t", "n"), []
        elif name == "rPh":
            self._aids += 1
        elif name in {"v", "t"}:
            self._is_value = self._aids == 0

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._is_value = False
        elif name == "rPh":
            self._aids -= 1
        elif name == "c":
            self._keep_cell()
        elif name == "row":
            self._keep_row()

    def text(self, text: str) -> None:
        if self._is_value:
            self._pieces.append(text)

    def _keep_cell(self) -> None:
        text = "".join(self._pieces)
        if self._kind == "s":
            text = self._texts[int(text)] if text else ""
        elif self._kind == "n":
            text = _number_text(text)
        elif self._kind == "e":  # an error: #N/A
            text = ""
        elif self._kind in {"str", "inlineStr"}:
            text = _plain(text)
        text = cell_text(text)
        if text and self._column < MOST_COLUMNS:
            self._cells[self._column] = text

    def _keep_row(self) -> None:
        if not self._cells:
            return
        if len(self.rows) >= MOST_ROWS:
            raise ListRefused(f"plus de {MOST_ROWS} lignes.", line=self._number)
        if not (self.rows[-1].number if self.rows else 0) < self._number <= _LAST_ROW:
            raise ListRefused(_DAMAGED)
        width = max(self._cells) + 1
        self._budget.spend(cells=width, line=self._number)
        cells = tuple(self._cells.get(column, "") for column in range(width))
        self.rows.append(Row(self._number, cells))


def _main_part(package: zipfile.ZipFile, budget: _Budget) -> str:
    """Return the name of the part that lists the sheets: `xl/workbook.xml`, mostly."""
    for kind, target in _relations(package, "", budget).values():
        if kind.endswith("/officeDocument"):
            return target
    raise ListRefused(_DAMAGED)


def _relations(package: zipfile.ZipFile, part: str, budget: _Budget) -> dict[str, tuple[str, str]]:
    """Return the relations of a part: identifier → (type, name of the part that it leads to)."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: _Attributes) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
            found[attributes["Id"]] = (attributes["Type"], target.lstrip("/"))

    source = posixpath.join(folder, "_rels", f"{name}.rels")
    _parse(package, source, budget, start, lambda element: None, lambda text: None)
    return found


def _texts(
    package: zipfile.ZipFile, targets: dict[str, tuple[str, str]], budget: _Budget
) -> list[str]:
    texts = _Texts()
    for kind, target in targets.values():
        if kind.endswith("/sharedStrings"):
            _parse(package, target, budget, texts.start, texts.end, texts.text)
    return texts.found


def _parse(
    package: zipfile.ZipFile,
    part: str,
    budget: _Budget,
    start: Callable[[str, _Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Stream one part through expat; names come without their namespace."""
    depth = elements = 0

    def started(name: str, attributes: _Attributes) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > _DEEPEST:
            raise ListRefused(_DAMAGED)
        if elements > min(_MOST_ELEMENTS, budget.elements):
            raise ListRefused(_TOO_LARGE)
        start(_local(name), attributes and {_local(key): attributes[key] for key in attributes})

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(_local(name))

    def refuse(*_: Any) -> None:
        raise ListRefused(_DAMAGED)

    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    read = 0
    with package.open(part) as stream:
        while block := stream.read(_BLOCK):
            read += len(block)
            if read > _MOST_BYTES:
                raise ListRefused(_TOO_LARGE)
            budget.spend(read=len(block))
            parser.Parse(block, False)
            if read - max(parser.CurrentByteIndex, 0) > _LONGEST_TOKEN:
                raise ListRefused(_TOO_LARGE)
        parser.Parse(b"", True)
    budget.spend(elements=elements)


@lru_cache(maxsize=256)
def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _column_of(reference: str, following: int) -> int:
    """Return the column (from 0) that a reference like « AB12 » names."""
    found = _REFERENCE.match(reference)
    if found is None:
        return following
    number = 0
    for letter in found[1].upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _number_text(text: str) -> str:
    """Return a number as its cell shows it: 601 and not 601.0, a serial of a date as figures."""
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _plain(text: str) -> str:
    """Return a text without the escapes of characters that XML cannot hold (§22.9.2.19)."""
    return _ESCAPED.sub(_unescaped, text[: 2 * LONGEST_CELL])


def _unescaped(found: re.Match[str]) -> str:
    """Return the character of an escape; a control or half a pair is no letter of a name."""
    code = int(found[1], 16)
    return " " if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 else chr(code)
