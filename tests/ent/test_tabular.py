"""Tables for spreadsheets: nothing in them runs, and what was written can be read back (T-F10)."""

import csv
import io
import shutil
import subprocess
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook

from ent.tabular.delimited import DelimitedWriter
from ent.tabular.escaping import escape_formula, unescape_formula
from ent.tabular.filenames import content_disposition, safe_file_name
from ent.tabular.workbook import WorkbookWriter
from tests.conftest import require

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.invalid";"y")',
    "'=1+1",
    "''=1+1",
    "+1",
    "-Dupont",
    "-1",
    "@x",
    "\t=1+1",
    "\tDupont",
    "\r=1+1",
    "\n=1+1",
    "Du\rpont",
    "Du\npont\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\u202e=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "−1",
    'Du"pont',
    '"',
    "Du;pont",
    "<script>alert(1)</script>",
    "&amp;",
    "\u202eabc",
    "He\u0301le\u0300ne",
    "'t Hooft",
    "",
]
PLAIN = ["4E3", "6E1", "01000", "Élève", "Jeanne d’Arc", "k7qp-m3xr-9t4v"]
# Separator, quote and character set; the second one adds « evaluate formulas » (token 13).
FILTER_TOKENS = ["59,34,76", "59,34,76,1,,0,false,true,false,false,false,0,true"]


def write_csv(rows: Sequence[Sequence[str]], header: Sequence[str] = ("a", "b")) -> bytes:
    """Return what the CSV writer gives away."""
    blocks: list[bytes] = []
    writer = DelimitedWriter(blocks.append, header=header)
    writer.write_rows(rows)
    writer.close()
    return b"".join(blocks)


def write_xlsx(rows: Sequence[Sequence[str]], header: Sequence[str] = ("a", "b")) -> bytes:
    """Return what the workbook writer gives away."""
    blocks: list[bytes] = []
    writer = WorkbookWriter(blocks.append, header=header, title="Identifiants")
    writer.write_rows(rows)
    writer.close()
    return b"".join(blocks)


def read_csv(content: bytes) -> list[list[str]]:
    """Read as a program would, then take the documented escape away."""
    text = content.decode("utf-8-sig")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    return [[unescape_formula(value) for value in row] for row in rows]


def test_the_csv_is_utf8_with_a_mark_semicolons_and_crlf() -> None:
    """T-F10: what a French spreadsheet opens with a double click."""
    content = write_csv([("Élève", "4E3")], header=("mot de passe", "classe"))
    assert content == b"\xef\xbb\xbfmot de passe;classe\r\n" + "Élève;4E3\r\n".encode()


def test_every_hostile_value_is_changed_and_comes_back_whole() -> None:
    """T-F10: re-reading by `csv` gives the original after the documented un-escape."""
    rows = [[value, f"x{value}"] for value in HOSTILE + PLAIN]
    content = write_csv(rows)
    assert read_csv(content)[1:] == rows
    raw = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    for cell, _ in raw[1:]:
        visible = cell.lstrip("\u00a0 \u200b\u202e")
        assert visible[:1] not in set("=+-@＝＋－＠−\t\r\n"), repr(cell)
    assert [cell for cell, _ in raw[1 + len(HOSTILE) :]] == PLAIN
    assert escape_formula("'t Hooft") == "'t Hooft"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.text(st.sampled_from(list("ab'=+-@;\" \t\r\n\x1f\x1e\x00\u200bé＝−"))),
            min_size=2,
            max_size=2,
        ),
        max_size=12,
    )
)
def test_any_rows_come_back_as_they_were(rows: list[list[str]]) -> None:
    """T-F10: the fast way for plain blocks and the careful way agree, whatever the values."""
    content = write_csv(rows)
    assert read_csv(content)[1:] == rows
    one_by_one = [write_csv([row], header=("a", "b")).split(b"\r\n", 1)[1] for row in rows]
    assert content.split(b"\r\n", 1)[1] == b"".join(one_by_one)
    for row in rows:
        assert escape_formula(row[0]) in content.decode() or any(c in row[0] for c in '";\r\n')


def test_a_row_of_another_length_is_refused() -> None:
    """A shifted column would hand a code to the wrong person."""
    with pytest.raises(ValueError, match="header"):
        write_csv([("only one",)])
    with pytest.raises(ValueError, match="header"):
        write_xlsx([("one", "two", "three")])


def test_the_workbook_holds_the_texts_of_the_csv(tmp_path: Path) -> None:
    """T-F10: 4E3, 6E1 and 01000 survive, nothing is a formula or a number, escapes are the same."""
    path = tmp_path / "t.xlsx"
    values = [value.replace("\r", "") for value in HOSTILE if value] + PLAIN
    path.write_bytes(write_xlsx([(value, "x") for value in values]))
    sheet = load_workbook(path).active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [escape_formula(value) for value in values]
    assert [unescape_formula(str(cell.value)) for cell in cells] == values
    assert [cell.value for cell in cells[-len(PLAIN) :]] == PLAIN
    assert {cell.number_format for cell in cells} == {"@"}
    sheet_xml = etree.fromstring(_part(path, "xl/worksheets/sheet1.xml"))
    assert {cell.get("t") for cell in sheet_xml.iter("{*}c")} == {"inlineStr"}
    assert not list(sheet_xml.iter("{*}f", "{*}v"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.text(st.sampled_from(list("ab'=+-@ \n\x1f\u200bé¶−<&_x"))), min_size=2, max_size=2
        ),
        max_size=12,
    )
)
def test_the_workbook_writes_any_row_alone_as_among_others(rows: list[list[str]]) -> None:
    """T-F10: the fast way for plain blocks and the careful way agree, and both escape."""

    def cells(some: Sequence[Sequence[str]]) -> list[str]:
        sheet = etree.fromstring(_part_of_bytes(write_xlsx(some), "xl/worksheets/sheet1.xml"))
        return [cell.text or "" for cell in sheet.iter("{*}t")][2:]

    one_by_one = [cell for row in rows for cell in cells([row])]
    assert cells(rows) == one_by_one
    xml_forms = [escape_formula(value).replace("\x1f", "_x001F_") for row in rows for value in row]
    assert one_by_one == xml_forms


def test_the_workbook_writes_what_xml_cannot_hold_in_the_format_s_own_way() -> None:
    """Control characters become `_xHHHH_`, and a text that looks like one is kept apart."""
    content = write_xlsx([("a\x0bb\rc", "_x000B_")])
    sheet = _part_of_bytes(content, "xl/worksheets/sheet1.xml").decode()
    assert "a_x000B_b_x000D_c" in sheet
    assert "_x005F_x000B_" in sheet


def test_a_workbook_that_fails_in_the_middle_is_abandoned_quietly() -> None:
    """T-F14: the disk is full: nothing more is written, nothing complains."""
    blocks: list[bytes] = []
    with (
        pytest.raises(OSError, match="disk full"),
        WorkbookWriter(blocks.append, header=("a",)) as writer,
    ):
        writer.write_rows([("x" * 100,)] * 5_000)
        written = len(blocks)
        raise OSError("disk full")
    assert len(blocks) == written


def test_the_same_rows_give_the_same_bytes() -> None:
    """T-F11: a file that is made again is the same file."""
    rows = [(f"Élève {number}", "4E3") for number in range(2_000)]
    assert write_xlsx(rows) == write_xlsx(rows)
    assert write_csv(rows) == write_csv(rows)


def test_memory_does_not_grow_with_the_file() -> None:
    """A region's file needs the memory of a school's."""

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            for writer in (
                DelimitedWriter(len, header=("a", "b")),
                WorkbookWriter(len, header=("a", "b")),
            ):
                writer.write_rows((f"Nom{number}", "x" * 100) for number in range(count))
                writer.close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    assert peak(60_000) < peak(3_000) * 1.5


@pytest.mark.office
@pytest.mark.parametrize("tokens", FILTER_TOKENS)
def test_libreoffice_shows_text_and_runs_nothing_in_the_csv(tmp_path: Path, tokens: str) -> None:
    """T-F10: with the usual filter and with « evaluate formulas »; unescaped, both would run."""
    values = [value for value in HOSTILE if value]
    (tmp_path / "t.csv").write_bytes(write_csv([("x", value) for value in values]))
    cells = _open_with_libreoffice(tmp_path / "t.csv", tokens)[1:]
    assert len(cells) == len(values)
    for value, (kind, formula, _) in zip(values, cells, strict=True):
        assert (kind, formula) == ("string", None), repr(value)

    (tmp_path / "bare.csv").write_bytes(b'\xef\xbb\xbfa;b\r\nx;"=1+1"\r\n')
    assert _open_with_libreoffice(tmp_path / "bare.csv", tokens)[1][1] is not None


@pytest.mark.office
def test_libreoffice_keeps_the_texts_of_the_workbook(tmp_path: Path) -> None:
    """T-F10: the XLSX twin in the office suite that schools have."""
    values = [value for value in HOSTILE if value and not set(value) & set("\r\n\t")] + PLAIN
    (tmp_path / "t.xlsx").write_bytes(write_xlsx([("x", value) for value in values]))
    cells = _open_with_libreoffice(tmp_path / "t.xlsx", None)[1:]
    assert [unescape_formula(text) for _, _, text in cells] == values
    assert {(kind, formula) for kind, formula, _ in cells} == {("string", None)}


@pytest.mark.office
@pytest.mark.parametrize("tokens", FILTER_TOKENS)
def test_a_workbook_saved_again_as_csv_computes_nothing(tmp_path: Path, tokens: str) -> None:
    """T-F10: XLSX → LibreOffice's CSV → opened: no formula, and 4E3 and 01000 stand in the CSV."""
    values = [value for value in HOSTILE if value and not set(value) & set("\r\n\t")] + PLAIN
    (tmp_path / "t.xlsx").write_bytes(write_xlsx([("x", value) for value in values]))
    _convert(tmp_path / "t.xlsx", "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false")
    saved = tmp_path / "out" / "t.csv"
    rows = csv.reader(io.StringIO(saved.read_text("utf-8-sig"), newline=""), delimiter=";")
    assert [unescape_formula(value) for _, value in rows][1:] == values
    cells = _open_with_libreoffice(saved, tokens)[1:]
    assert [formula for _, formula, _ in cells] == [None] * len(values)
    hostile = cells[: -len(PLAIN)]
    assert {kind for kind, _, _ in hostile} == {"string"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("ENT-Identifiants-0941111A.csv", "ENT-Identifiants-0941111A.csv"),
        ("../../etc/passwd", "etc-passwd"),
        ('Collège "X".csv', "Collège -X-.csv"),
        ("a\r\nSet-Cookie: x=1.csv", "a-Set-Cookie- x-1.csv"),
        ("a\u2028b\x85c.csv", "a-b-c.csv"),
        ("liste\u202evsc.exe", "listevsc.exe"),
        ("C:\\x.csv", "C-x.csv"),
        ("CON.csv", "_CON.csv"),
        ("...", "fichier"),
        ("é" * 300 + ".csv", "é" * 116 + ".csv"),
    ],
)
def test_a_file_name_is_one_plain_component(name: str, safe: str) -> None:
    """T-F12: quotes, `../` and a line break in the name of a school."""
    assert safe_file_name(name) == safe


def test_the_disposition_is_one_header_with_both_spellings() -> None:
    """T-F12: RFC 6266; the name in French survives, nothing else comes in."""
    value = content_disposition('Collège "É"\r\nX-Evil: 1;.csv')
    assert value.startswith("attachment; filename")
    assert "\r" not in value
    assert "\n" not in value
    assert '"' not in value.replace('filename="', "", 1).rstrip('"')
    assert "Coll%C3%A8ge" in value


def _part(path: Path, name: str) -> bytes:
    return _part_of_bytes(path.read_bytes(), name)


def _part_of_bytes(content: bytes, name: str) -> bytes:
    from zipfile import ZipFile

    with ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return package.read(name)


def _open_with_libreoffice(
    path: Path, tokens: str | None
) -> list[tuple[str | None, str | None, str]]:
    """Return (type, formula, text) of the second cell of each row, as LibreOffice understood it."""
    _convert(path, "fods", reading=tokens)
    tree = etree.parse(path.parent / "out" / f"{path.stem}.fods")
    for space in tree.iter("{urn:oasis:names:tc:opendocument:xmlns:text:1.0}s"):
        space.text = " "
    office_ns = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    table_ns = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    cells = []
    for row in tree.iter(f"{table_ns}table-row"):
        found = row.findall(f"{table_ns}table-cell")
        if len(found) < 2:
            continue
        text = "\n".join("".join(map(str, p.itertext())) for p in found[1].iterfind("{*}p"))
        cells.append(
            (found[1].get(f"{office_ns}value-type"), found[1].get(f"{table_ns}formula"), text)
        )
    return cells


def _convert(path: Path, kind: str, *, reading: str | None = None) -> None:
    """Let LibreOffice open a file and save it as another kind, in `out` beside it."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    require(office is not None, "LibreOffice")
    assert office is not None
    subprocess.run(
        [
            office,
            "--headless",
            "--norestore",
            f"-env:UserInstallation=file://{path.parent}/profile",
            *([f"--infilter=CSV:{reading}"] if reading else []),
            *("--convert-to", kind, "--outdir", str(path.parent / "out"), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
