"""The real files of a school through LibreOffice, there and back: nothing changes, nothing runs."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from credentials.enums import FileFormat
from credentials.files.rows import HEADER
from directory.enums import Profile
from directory.models import Person
from ent.tabular.escaping import unescape_formula
from tests import factories as make
from tests.cast import Cast
from tests.conftest import require
from tests.credentials.test_files import ask, content, made
from tests.credentials.test_rows import make_pending, make_pupil

pytestmark = [pytest.mark.django_db, pytest.mark.office, pytest.mark.slow]

#: Semicolon, quote, UTF-8, from the first line; then every column as text, as a mail merge asks.
AS_TEXT = "59,34,76,1," + "/".join(f"{column}/2" for column in range(1, len(HEADER) + 1))
#: A double click, with « evaluate formulas »: the worst that a school office may do.
EVALUATING = "59,34,76,1,,0,false,true,false,false,false,0,true"
AS_SHOWN = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false"
NAMES = ("=1+1", "=cmd|' /C calc'!A0", "+1", "-Dupont", "@SUM(1)", 'Œuvré; "d’Été"', "'t Hooft")


@pytest.fixture
def files(cast: Cast, tmp_path: Path) -> tuple[Path, Path]:
    """The CSV and the XLSX of a school whose people have the worst names, class 4E3, 01000."""
    for name in NAMES:
        make_pupil(cast.school_a, "4E3", name)
    parent = make.make_person(
        school=cast.school_a,
        family_name="Durand",
        profile=Profile.GUARDIAN,
        address="+12 rue des Lilas",
        postal_code="01000",
        town="BOURG-EN-BRESSE",
        email="durand@example.org",
    )
    make.make_child_of(guardian=parent, pupil=Person.objects.filter(family_name="=1+1")[0])
    make_pending(parent)
    file = made(ask(cast.school_a, cast.manager_a))
    plain, book = tmp_path / "identifiants.csv", tmp_path / "identifiants.xlsx"
    plain.write_bytes(content(file, FileFormat.CSV))
    book.write_bytes(content(file, FileFormat.XLSX))
    return plain, book


def converted(path: Path, kind: str, *, reading: str = "") -> Path:
    """Let LibreOffice open a file and save it as another kind."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    require(office is not None, "LibreOffice")
    assert office is not None
    out = path.parent / f"out-{kind.partition(':')[0]}"
    subprocess.run(
        [
            office,
            "--headless",
            "--norestore",
            f"-env:UserInstallation=file://{path.parent}/profile",
            *([f"--infilter=CSV:{reading}"] if reading else []),
            *("--convert-to", kind, "--outdir", str(out), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return out / f"{path.stem}.{kind.partition(':')[0]}"


def csv_rows(path: Path) -> list[list[str]]:
    """The rows of a CSV as they stand in it."""
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def book_rows(path: Path) -> list[list[str]]:
    """The rows of a workbook, where every cell must be a text."""
    sheet = load_workbook(path).active
    assert sheet is not None
    rows = [["" if value is None else value for value in row] for row in sheet.values]
    assert all(isinstance(value, str) for row in rows for value in row)
    return rows  # type: ignore[return-value]  # asserted


def formulas_of(path: Path) -> bytes:
    """What a workbook computes."""
    with ZipFile(path) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    return sheet[sheet.find(b"<f") :][:80] if b"<f>" in sheet or b"<f " in sheet else b""


def check_texts(rows: list[list[str]]) -> None:
    """Class, postal code and names are those of the directory."""
    people = [dict(zip(HEADER, row, strict=True)) for row in rows[1:]]
    pupils = [one for one in people if one["profil"] == "Élève" and one["classe"] == "4E3"]
    assert {one["nom"] for one in pupils} >= set(NAMES)
    (parent,) = [one for one in people if one["nom"] == "Durand"]
    assert parent["code postal"] == "01000"
    assert parent["adresse"] == "+12 rue des Lilas"


def test_the_csv_becomes_a_workbook_with_the_same_values(files: tuple[Path, Path]) -> None:
    """T-F10: CSV → LibreOffice → XLSX, and back to CSV: nothing is lost, nothing runs."""
    plain, _ = files
    given = csv_rows(plain)
    book = converted(plain, "xlsx", reading=AS_TEXT)
    assert formulas_of(book) == b""
    assert book_rows(book) == given
    assert csv_rows(converted(book, AS_SHOWN)) == given
    check_texts([[unescape_formula(value) for value in row] for row in given])


def test_the_workbook_becomes_a_csv_with_the_same_values(files: tuple[Path, Path]) -> None:
    """T-F10: XLSX → LibreOffice → CSV, and back to XLSX: 4E3 and 01000 stay what they are."""
    plain, book = files
    given = book_rows(book)
    assert given == csv_rows(plain)
    check_texts([[unescape_formula(value) for value in row] for row in given])
    saved = converted(book, AS_SHOWN)
    assert csv_rows(saved) == given
    assert formulas_of(converted(saved, "xlsx", reading=EVALUATING)) == b""
    again = converted(saved, "xlsx", reading=AS_TEXT)
    assert book_rows(again) == given


def test_a_double_click_on_the_csv_runs_nothing(files: tuple[Path, Path]) -> None:
    """T-F10: even where formulas are evaluated, no cell of the file is one."""
    plain, _ = files
    book = converted(plain, "xlsx", reading=EVALUATING)
    assert formulas_of(book) == b""
    sheet = load_workbook(book).active
    assert sheet is not None
    names = HEADER.index("nom")
    shown = {str(row[names]) for row in sheet.values}
    assert {f"'{name}" for name in NAMES[:5]} <= shown

    bare = plain.with_name("bare.csv")
    bare.write_bytes(plain.read_bytes().replace(b"'=1+1", b"=1+1"))
    assert formulas_of(converted(bare, "xlsx", reading=EVALUATING)), "the check above can fail"
