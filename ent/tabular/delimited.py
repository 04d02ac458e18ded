"""The CSV that French spreadsheets open with a double click.

UTF-8 with a byte order mark, semicolons, CRLF, quotes where the text needs them (RFC 4180 with the
separator of a French system), formulas escaped (`ent.tabular.escaping`). Rows are given away in
blocks: a file of any length needs the same memory.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from ent.tabular.escaping import VALUE_MARK as _MARK
from ent.tabular.escaping import escape_formula, needs_escape

CONTENT_TYPE = "text/csv; charset=utf-8"
SEPARATOR = ";"
_END_OF_LINE = "\r\n"
# Not a control character: an empty last value before one would look like something to escape.
_BETWEEN_LINES = "¶" + _MARK
_BLOCK_ROWS = 512


class DelimitedWriter:
    """Writes rows of text into a sink, a function that receives the bytes of each block.

    The header is ours and is written as it is; every other value is escaped. Nothing is written
    before the first row or `close`, and whoever holds the sink decides what becomes of the bytes.
    """

    def __init__(self, sink: Callable[[bytes], object], *, header: Sequence[str]) -> None:
        self._sink = sink
        self._columns = len(header)
        self._pending = "\ufeff" + _line(header)

    def write_rows(self, rows: Iterable[Sequence[str]]) -> int:
        """Write rows, each with as many values as the header; return how many there were."""
        count = 0
        iterator = iter(rows)
        while block := list(islice(iterator, _BLOCK_ROWS)):
            if any(len(row) != self._columns for row in block):
                raise ValueError(f"a row has not the {self._columns} values of the header")
            lines = [_MARK.join(row) for row in block]
            self._pending += _plain_block(lines, self._columns) or "".join(
                [
                    _plain_block([line], self._columns) or _line([escape_formula(v) for v in row])
                    for line, row in zip(lines, block, strict=True)
                ]
            )
            self._flush()
            count += len(block)
        return count

    def close(self) -> None:
        """Give the last bytes away; the sink stays its owner's."""
        self._flush()

    def _flush(self) -> None:
        if self._pending:
            self._sink(self._pending.encode("utf-8"))
            self._pending = ""


def _plain_block(marked_lines: list[str], columns: int) -> str:
    """Return the lines of values that need neither quotes nor escape, "" when one of them does.

    Most values are plain; asking once for a whole block makes a file of thirty million values
    cheaper than `csv.writer` alone.
    """
    text = _MARK + _BETWEEN_LINES.join(marked_lines)
    if (
        SEPARATOR in text
        or '"' in text
        or "\r" in text
        or "\n" in text
        or text.count("¶") >= len(marked_lines)
        or text.count(_MARK) != columns * len(marked_lines)
        or needs_escape(text)
        or columns == 1  # an empty line is no row: `csv.writer` quotes it
    ):
        return ""
    return text[1:].replace(_BETWEEN_LINES, _END_OF_LINE).replace(_MARK, SEPARATOR) + _END_OF_LINE


def _line(values: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=SEPARATOR, lineterminator=_END_OF_LINE).writerow(values)
    return text.getvalue()
