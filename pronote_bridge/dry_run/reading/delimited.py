"""Text files: their encoding and their separator are found, nobody is asked."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from contextlib import suppress
from itertools import islice
from typing import Final

from ent.tabular.reading.grids import (
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    ListRefused,
    Row,
    cell_text,
)
from pronote_bridge.dry_run.reading.headers import MOST_LINES_ABOVE, score
from pronote_bridge.enums import ListKind

#: Also the order of preference when nothing tells them apart.
_SEPARATORS: Final = (";", "\t", ",")
_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_LOOKED_AT: Final = 4_096
#: Characters that no text file holds.
_BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x1a]")
#: What Excel writes above the header to name the separator.
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_NO_TEXT: Final = (
    "ce fichier n’est ni un texte (CSV, TXT) ni un classeur XLSX. Dans Pronote, affichez la liste "
    "et exportez-la."
)
_OTHER_ENCODING: Final = (
    "les lettres accentuées ne sont ni en UTF-8, ni en UTF-16, ni en Windows-1252. Ouvrez le "
    "fichier dans un tableur et enregistrez-le au format XLSX."
)


def read_text(data: bytes, kind: ListKind) -> Grid:
    """Return the rows of a text file, with the separator under which its header reads best."""
    text = _decoded(data)
    if binary := _BINARY.search(text):
        raise ListRefused(_NO_TEXT, line=text.count("\n", 0, binary.start()) + 1)
    named = _SEPARATOR_LINE.match(text)
    separator = named[1] if named else _best_separator(text, kind)
    rows = _rows(text, separator)
    return Grid(tuple(rows[1:] if named else rows))


def _decoded(data: bytes) -> str:
    """Decode by the mark at the beginning, else by what the bytes can be."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    head = data[:_LOOKED_AT]
    if head.count(0) * 4 > len(head):
        # Latin letters in UTF-16: every second byte is zero.
        is_little = head[1::2].count(0) >= head[::2].count(0)
        return _strictly(data, "utf-16-le" if is_little else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(data, "cp1252")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).rstrip("\x1a")
    except UnicodeDecodeError as error:
        raise ListRefused(_OTHER_ENCODING, line=data.count(b"\n", 0, error.start) + 1) from None


def _best_separator(text: str, kind: ListKind) -> str:
    """Return the separator under which some first row looks most like a header.

    When no header is recognised, the one that cuts most rows into as many values.
    """

    def worth(separator: str) -> tuple[int, int]:
        rows = _first_rows(text, separator)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return (
            max((score([cell_text(cell) for cell in row], kind) for row in rows), default=0),
            max(widths.values(), default=0),
        )

    return max(_SEPARATORS, key=worth)


def _first_rows(text: str, separator: str) -> list[list[str]]:
    """Return the first rows, up to one that is no CSV."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(islice(csv.reader(_lines(text), delimiter=separator), 3 * MOST_LINES_ABOVE))
    return rows


def _rows(text: str, separator: str) -> list[Row]:
    """Return every row; quotes that are not a CSV's are letters, where that leaves a table."""
    try:
        return _parsed(text, separator, is_quoted=True)
    except _BadQuotes as bad:
        plain = _parsed(text, separator, is_quoted=False)
        widths = Counter(len(row.cells) for row in plain if not row.is_empty)
        if widths and max(widths) == widths.most_common(1)[0][0]:
            return plain
        raise ListRefused(
            'un guillemet (") est ouvert et n’est pas refermé comme dans un CSV. Enregistrez la '
            "liste au format XLSX, ou ôtez ce guillemet.",
            line=bad.line,
        ) from None


class _BadQuotes(Exception):
    """A quote stands where a CSV has none."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _parsed(text: str, separator: str, *, is_quoted: bool) -> list[Row]:
    reader = csv.reader(
        _lines(text),
        delimiter=separator,
        strict=is_quoted,
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
    )
    rows: list[Row] = []
    start = 1
    try:
        for cells in reader:
            if len(rows) >= MOST_ROWS:
                raise ListRefused(f"plus de {MOST_ROWS} lignes.", line=start)
            rows.append(Row(start, tuple(cell_text(cell) for cell in cells[:MOST_COLUMNS])))
            start = reader.line_num + 1
    except csv.Error as error:
        if is_quoted:
            raise _BadQuotes(start) from error
        raise ListRefused("cette ligne est illisible.", line=start) from None
    return rows


def _lines(text: str) -> io.StringIO:
    """Cut at line feeds and carriage returns only: names may hold the other separators."""
    return io.StringIO(text, newline="")
