"""A workbook in which every cell is a text: class 4E3 and postal code 01000 stay what they are.

A spreadsheet that opens a CSV guesses: 4E3 becomes 4000 and 01000 becomes 1000. An XLSX can say
that a cell is a text (format « Texte », and nothing is ever a formula), so this twin is the file to
work with. That holds as long as it is a workbook: saved again as CSV by an office suite, the text
`=1+1` would be a formula when that CSV is opened. So values are escaped here too, exactly as in the
CSV (`ent.tabular.escaping`).

ECMA-376 part 1, §18.3 (worksheets, inline strings) and part 2 (package). Our own writer because it
has to follow the CSV's pace in constant memory: a row is one join, and the texts are inline, so
there is no table of strings to keep.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from types import TracebackType
from typing import IO, Self, cast

from ent.tabular.escaping import VALUE_MARK as _MARK
from ent.tabular.escaping import escape_formula, needs_escape

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows of a worksheet, the header included (a limit of the format).
LAST_ROW = 1_048_576

_BLOCK_ROWS = 256
# Not a control character: an empty last value before one would look like something to escape.
_BETWEEN_LINES = "¶" + _MARK
# The package has no clock: the same rows give the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_NEEDS_CARE = re.compile("[\x00-\x08\x0b-\x1e\ufffe\uffff]")

_CELL = '<c s="{style}" t="inlineStr"><is><t{space}>'
_CELL_END = "</t></is></c>"
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    # Format 49 is « @ », text; style 1 is a plain text cell, style 2 the header.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_NAMESPACE}">'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        "</cellStyleXfs>"
        '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        ' applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}
_WORKBOOK = (
    f'<workbook xmlns="{_NAMESPACE}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET_START = (
    f'<worksheet xmlns="{_NAMESPACE}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '</sheetView></sheetViews><cols><col min="1" max="{columns}" width="18" customWidth="1"/>'
    "</cols><sheetData>"
)
_SHEET_END = "</sheetData></worksheet>"


class _Sink:
    """The least file that `zipfile` writes to: no position, no way back."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._sink(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def forget(self) -> None:
        """Drop whatever comes from now on."""
        self._sink = len


class WorkbookWriter:
    """Writes rows of text into the one sheet of a workbook, through a sink that receives bytes.

    The header is ours and is written as it is; every other value is escaped.
    """

    def __init__(
        self, sink: Callable[[bytes], object], *, header: Sequence[str], title: str = "Feuille 1"
    ) -> None:
        self._target = _Sink(sink)
        self._zip = zipfile.ZipFile(
            cast("IO[bytes]", self._target), "w", zipfile.ZIP_DEFLATED, compresslevel=1
        )
        for name, content in _PACKAGE.items():
            self._zip.writestr(_entry(name), _XML + content)
        safe_title = _escape(re.sub(r"[][:*?/\\']", " ", title)[:31]).replace('"', "&quot;")
        self._zip.writestr(_entry("xl/workbook.xml"), _XML + _WORKBOOK.format(title=safe_title))
        self._sheet = self._zip.open(_entry("xl/worksheets/sheet1.xml"), "w")
        self._columns = len(header)
        start = _SHEET_START.format(columns=max(1, len(header)))
        self._sheet.write((_XML + start + _row(header, style=_HEADER)).encode("utf-8"))
        self._rows = 1

    def write_rows(self, rows: Iterable[Sequence[str]]) -> int:
        """Write rows, each with as many values as the header; return how many there were."""
        start, iterator = self._rows, iter(rows)
        while block := list(islice(iterator, _BLOCK_ROWS)):
            self._rows += len(block)
            if self._rows > LAST_ROW:
                raise ValueError(f"a worksheet has {LAST_ROW} rows at most")
            if any(len(row) != self._columns for row in block):
                raise ValueError(f"a row has not the {self._columns} values of the header")
            lines = [_MARK.join(row) for row in block]
            self._sheet.write(
                _plain_block(lines, self._columns)
                or b"".join(
                    [
                        _plain_block([line], self._columns)
                        or _row([escape_formula(value) for value in row]).encode("utf-8")
                        for line, row in zip(lines, block, strict=True)
                    ]
                )
            )
        return self._rows - start

    def close(self) -> None:
        """Write the end of the package; without it the file does not open."""
        self._sheet.write(_SHEET_END.encode("ascii"))
        self._sheet.close()
        self._zip.close()

    def abandon(self) -> None:
        """Forget a file that will not be whole: what is still buffered goes nowhere."""
        self._target.forget()
        self._sheet.close()
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, or abandon it when the block failed."""
        if kind is None:
            self.close()
        else:
            self.abandon()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


_TEXT, _HEADER = 1, 2
# What XML or the format writes in another way, blanks at either end of a value among them.
_NEVER_PLAIN = ("&", "<", ">", "_x", "\n", _MARK + " ", " " + _MARK, " ¶")
_TEXT_CELL = _CELL.format(style=_TEXT, space="")
_BETWEEN_CELLS = (_CELL_END + _TEXT_CELL).encode()
_BETWEEN_ROWS = (_CELL_END + "</row><row>" + _TEXT_CELL).encode()


def _plain_block(lines: list[str], columns: int) -> bytes:
    """Return rows whose values need no escape and no care for blanks, b"" when one does.

    The values become bytes before the tags come in between: that is most of the speed.
    """
    text = _MARK + _BETWEEN_LINES.join(lines)
    if (
        text.count(_MARK) != columns * len(lines)
        or text.count("¶") >= len(lines)
        or any(sign in text for sign in _NEVER_PLAIN)
        or text.endswith(" ")
        or _NEEDS_CARE.search(text)
        or needs_escape(text)
    ):
        return b""
    cells = (
        text[1:]
        .encode("utf-8")
        .replace(_BETWEEN_LINES.encode(), _BETWEEN_ROWS)
        .replace(_MARK.encode(), _BETWEEN_CELLS)
    )
    return b"".join((b"<row>", _TEXT_CELL.encode(), cells, _CELL_END.encode(), b"</row>"))


def _row(values: Sequence[str], *, style: int = _TEXT) -> str:
    return "<row>" + "".join([_cell(value, style) for value in values]) + "</row>"


def _cell(value: str, style: int) -> str:
    space = "" if value.strip() == value and "\n" not in value else ' xml:space="preserve"'
    return _CELL.format(style=style, space=space) + _escape(value) + _CELL_END


def _escape(text: str) -> str:
    """Escape for XML; what XML cannot hold becomes `_xHHHH_` (ECMA-376 part 1, §22.9.2.19)."""
    text = _FORBIDDEN.sub(lambda match: f"_x{ord(match.group()):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
