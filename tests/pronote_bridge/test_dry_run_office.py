"""Lists that the stand-in for Pronote writes and LibreOffice saves again are read without help."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from demo.pronote.base.base import Base
from demo.pronote.base.lists import csv_of
from demo.pronote.base.people import Person, Population
from pronote_bridge.dry_run.reading.headers import has_names
from pronote_bridge.dry_run.reading.lists import ListLine, find_list, read_lines
from pronote_bridge.enums import ListKind
from tests.credentials.test_office import converted

pytestmark = [pytest.mark.office, pytest.mark.slow]

#: Separator (its code), quote, character set, from the first line, no column said, the language
#: (1036, French): tokens of LibreOffice's filter for texts.
READING = "59,34,{charset},1,,1036,false,true"
#: The same for writing: quotes only where needed (false), numbers as shown (true).
WRITING = "csv:Text - txt - csv (StarCalc):{separator},34,{charset},1,,1036,false,true,false"
WINDOWS, UTF8, UTF16 = 1, 76, 65535


def base() -> Base:
    """A few people whom files stumble over."""
    pupils = [
        Person(
            number=1,
            population=Population.PUPILS,
            family_name="MARTIN",
            given_name="Léa",
            birth_date=date(2012, 3, 4),
            class_name="4E3",
        ),
        Person(
            number=2,
            population=Population.PUPILS,
            family_name="DE LA TOUR; dit « le Grand »",
            given_name="Zoé, Ève",
            birth_date=date(2011, 12, 31),
            class_name="601",
        ),
        Person(
            number=3,
            population=Population.PUPILS,
            family_name="N'DIAYE",
            given_name="Œuvré",
            class_name="5ÈME B",
        ),
    ]
    return Base(people={one.number: one for one in pupils})


def people(lines: list[ListLine]) -> list[tuple[str, date | None]]:
    """Return names and birth dates."""
    return [(line.name, line.birth_date) for line in lines]


def read(path: Path) -> list[ListLine]:
    """Read a file without help."""
    found = find_list(path.read_bytes(), ListKind.PUPILS)
    assert has_names(found.columns)
    return read_lines(found, found.columns, today=date(2026, 11, 30))


EXPECTED = [
    ("DE LA TOUR; dit « le Grand » Zoé, Ève", date(2011, 12, 31)),
    ("MARTIN Léa", date(2012, 3, 4)),
    ("N'DIAYE Œuvré", None),
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The list as Pronote's client exports it: Windows-1252, semicolons."""
    path = tmp_path / "eleves.csv"
    path.write_bytes(csv_of(base(), Population.PUPILS))
    return path


def test_the_list_as_pronote_exports_it(written: Path) -> None:
    assert people(read(written)) == EXPECTED


@pytest.mark.parametrize(
    "writing",
    [
        "xlsx",
        WRITING.format(separator=59, charset=UTF8),
        WRITING.format(separator=44, charset=UTF8),
        WRITING.format(separator=9, charset=WINDOWS),
        WRITING.format(separator=59, charset=UTF16),
        WRITING.format(separator=9, charset=UTF16),
    ],
)
def test_the_list_saved_again_by_libreoffice(written: Path, writing: str) -> None:
    again = converted(written, writing, reading=READING.format(charset=WINDOWS))
    assert sorted(people(read(again))) == sorted(EXPECTED)


@pytest.mark.parametrize("writing", ["xlsx", "csv", WRITING.format(separator=59, charset=UTF8)])
def test_a_workbook_with_titles_one_column_of_names_and_real_dates(
    tmp_path: Path, writing: str
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows = csv.reader(
        io.StringIO(csv_of(base(), Population.PUPILS).decode("cp1252")), delimiter=";"
    )
    next(rows)
    sheet.append(["Collège Aristide-Briand"])
    sheet.append([])
    sheet.append(["Élève", "Classe", "Né(e) le"])
    for (family, given, *_), (_, born) in zip(rows, EXPECTED, strict=True):
        sheet.append([f"{family} {given}", "4E3", born])
    path = tmp_path / "classeur.xlsx"
    book.save(path)
    assert people(read(converted(path, writing))) == EXPECTED
