"""Pronote's lists are read in whatever shape they were saved, or refused with the place."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from ent.tabular.reading.grids import ListRefused
from pronote_bridge.dry_run.enums import ListColumn
from pronote_bridge.dry_run.reading.headers import has_names
from pronote_bridge.dry_run.reading.lists import ListLine, find_list, read_lines
from pronote_bridge.enums import ListKind
from tests.pronote_bridge.lists import (
    DATES,
    ENCODINGS,
    PUPIL_HEADER,
    PUPILS,
    SEPARATORS,
    Pupil,
    Shape,
    as_text,
    as_workbook,
    table,
    workbook_rows,
)

TODAY = date(2026, 11, 30)


def read(data: bytes, kind: ListKind = ListKind.PUPILS) -> list[ListLine]:
    """Read a list without any help."""
    found = find_list(data, kind)
    assert has_names(found.columns)
    return read_lines(found, found.columns, today=TODAY)


def pupils_of(lines: list[ListLine]) -> list[Pupil]:
    """Return the lines as they were written; both names in one when they stand so."""
    return [
        Pupil(
            line.full_name or line.family_name,
            line.given_name,
            line.birth_date,
            line.class_name,
            "".join(line.guardians),
            line.identifier,
        )
        for line in lines
    ]


def expected(pupils: tuple[Pupil, ...], *, is_joined: bool = False) -> list[Pupil]:
    """Return what reading gives back."""
    if not is_joined:
        return list(pupils)
    return [
        Pupil(
            f"{one.family_name} {one.given_name}",
            "",
            one.born,
            one.class_name,
            one.guardians,
            one.identifier,
        )
        for one in pupils
    ]


def refusal(data: bytes, kind: ListKind = ListKind.PUPILS) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(ListRefused) as refused:
        read(data, kind)
    return str(refused.value)


@pytest.mark.parametrize("is_joined", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", SEPARATORS)
def test_every_separator_and_encoding_is_found(
    separator: str, encoding: str, *, is_joined: bool
) -> None:
    shape = Shape(encoding=encoding, separator=separator, is_joined=is_joined)
    lines = read(as_text(table(PUPILS, shape), shape))
    assert pupils_of(lines) == expected(PUPILS, is_joined=is_joined)


@pytest.mark.parametrize("style", DATES)
def test_dates_are_read_as_text_and_as_the_serials_of_a_spreadsheet(style: str) -> None:
    shape = Shape(dates=style)
    lines = read(as_text(table(PUPILS, shape), shape))
    assert [line.birth_date for line in lines] == [pupil.born for pupil in PUPILS]


@pytest.mark.parametrize("is_1904", [False, True])
@pytest.mark.parametrize("is_joined", [False, True])
def test_a_workbook_is_read_with_its_own_dates(*, is_joined: bool, is_1904: bool) -> None:
    rows = workbook_rows(PUPILS, is_joined=is_joined)
    lines = read(as_workbook(rows, titles=("Collège", ""), is_1904=is_1904))
    assert pupils_of(lines) == expected(PUPILS, is_joined=is_joined)


LETTERS = st.characters(
    codec="cp1252", exclude_characters="\x81\x8d\x8f\x90\x9d\xa0", min_codepoint=32
)
NAMES = (
    st.text(LETTERS, min_size=1, max_size=40)
    .map(str.strip)
    .filter(lambda text: any(map(str.isalpha, text)))
)


@given(
    pupils=st.lists(
        st.builds(
            Pupil,
            NAMES,
            NAMES,
            st.dates(date(1990, 1, 1), date(2020, 12, 31)),
            st.sampled_from(["4E3", "601", "2NDE 1", ""]),
        ),
        min_size=1,
        max_size=8,
    ),
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from(SEPARATORS),
    dates=st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "serial"]),
    titles=st.lists(st.sampled_from(["Liste des élèves", "", "Édité le 30/11/2026"]), max_size=4),
    empty_lines=st.integers(0, 3),
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
    has_spare_columns=st.booleans(),
)
def test_whatever_is_written_in_any_shape_is_read_back(
    pupils: list[Pupil],
    encoding: str,
    separator: str,
    dates: str,
    titles: list[str],
    empty_lines: int,
    line_end: str,
    has_spare_columns: bool,
) -> None:
    shape = Shape(
        encoding=encoding,
        separator=separator,
        dates=dates,
        titles=tuple(titles),
        empty_lines=empty_lines,
        line_end=line_end,
        has_spare_columns=has_spare_columns,
    )
    assert pupils_of(read(as_text(table(pupils, shape), shape))) == pupils


def test_titles_above_empty_lines_below_and_repeated_headers_are_left_out() -> None:
    shape = Shape(titles=("Collège Aristide-Briand", "", "Élèves de 4E3;;;"), empty_lines=2)
    rows = table(PUPILS, shape)
    lines = read(as_text([*rows[:3], rows[0], *rows[3:]], shape))
    assert [line.family_name for line in lines] == [pupil.family_name for pupil in PUPILS]
    assert lines[0].number == 5  # as a spreadsheet counts


@pytest.mark.parametrize(
    ("kind", "header", "columns"),
    [
        (ListKind.GUARDIANS, "Civilité;NOM;PRÉNOM;Élèves", "-;nom;prenom;enfants"),
        (ListKind.GUARDIANS, "Responsable;Enfants à charge", "nom-prenom;enfants"),
        (
            ListKind.GUARDIANS,
            "Nom du responsable;Prénom;Enfant 1;Enfant 2",
            "nom;prenom;enfants;enfants",
        ),
        (
            ListKind.PUPILS,
            "Nom de famille;Prénoms;Date de naissance;Division",
            "nom;prenom;naissance;classe",
        ),
        (ListKind.PUPILS, "Nom;Née le", "nom-prenom;naissance"),
        (ListKind.PUPILS, "Élève;Nom;Prénom;Resp. 1", "-;nom;prenom;responsables"),
        (
            ListKind.PUPILS,
            "Nom;Prénom;Titre;Nom resp. 1;Prénom resp. 1;Nom du resp. légal 2;Resp. 2 - Prénom",
            "nom;prenom;-;nom-responsable;prenom-responsable;nom-responsable;prenom-responsable",
        ),
        (
            ListKind.PUPILS,
            "Nom de l’élève;Prénom;Nom de la mère;Prénom de la mère;Nom et prénom du père",
            "nom;prenom;nom-responsable;prenom-responsable;responsables",
        ),
        (
            ListKind.GUARDIANS,
            "Nom;Prénom;Nom enfant 1;Prénom enfant 1;Nom de l’élève 2;Prénom de l’élève 2",
            "nom;prenom;nom-enfant;prenom-enfant;nom-enfant;prenom-enfant",
        ),
        (ListKind.TEACHERS, "Professeur;Matières;ID CAS", "nom-prenom;-;identifiant"),
        (ListKind.STAFF, "Nom & prénom;Fonction", "nom-prenom;-"),
    ],
)
def test_columns_are_recognised_by_the_words_of_their_titles(
    kind: ListKind, header: str, columns: str
) -> None:
    line = ";".join("x" for _ in header.split(";"))
    found = find_list(f"{header}\n{line}\n".encode(), kind)
    assert ";".join(column or "-" for column in found.columns) == columns


@pytest.mark.parametrize(
    ("titles", "cells"),
    [
        ("Nom resp. 1;Prénom resp. 1;Nom resp. 2;Prénom resp. 2", "PETIT;Claire;DE LA TOUR;Paul"),
        ("Prénom père;Nom père;Prénom mère;Nom mère", "Claire;PETIT;Paul;DE LA TOUR"),
        (
            "Nom parent 1;Nom parent 2;Prénom parent 1;Prénom parent 2",
            "PETIT;DE LA TOUR;Claire;Paul",
        ),
        ("Nom resp. 1;Prénom resp. 1;Identité du resp. 2", "PETIT;Claire;DE LA TOUR Paul"),
        ("Nom du responsable 1;Nom du responsable 2", "PETIT Claire;DE LA TOUR Paul"),
    ],
)
def test_guardians_whose_names_stand_in_two_columns_are_read(titles: str, cells: str) -> None:
    text = f"Nom;Prénom;{titles}\nMARTIN;Léa;{cells}\nROUX;Seul;;;;\n"
    found = find_list(text.encode(), ListKind.PUPILS)
    lea, alone = read_lines(found, found.columns, today=TODAY)
    assert set(lea.guardians) == {"PETIT Claire", "DE LA TOUR Paul"}
    assert alone.guardians == ()


def test_unknown_titles_are_shown_with_their_first_values_for_somebody_to_say() -> None:
    found = find_list("Patronyme;Petit nom\nMARTIN;Léa\n".encode(), ListKind.PUPILS)
    assert not has_names(found.columns)
    assert (found.header.cells, found.samples(0)) == (("Patronyme", "Petit nom"), ["MARTIN"])
    columns = (ListColumn.FAMILY_NAME, ListColumn.GIVEN_NAME)
    assert read_lines(found, columns, today=TODAY)[0].given_name == "Léa"


def test_an_english_column_of_dates_is_read_month_first() -> None:
    text = "Nom;Prénom;Né(e) le\nA;B;12/31/2011\nC;D;03/04/2012\n"
    born = [line.birth_date for line in read(text.encode())]
    assert born == [date(2011, 12, 31), date(2012, 3, 4)]


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("1er mars 2010", date(2010, 3, 1)),
        ("31/02/2010", None),
        ("12", None),
        ("01/01/2090", None),
        ("inconnue", None),
    ],
)
def test_a_date_that_is_none_leaves_the_line_without_one(text: str, born: date | None) -> None:
    (line,) = read(f"Nom;Prénom;Né(e) le\nA;B;{text}\n".encode())
    assert (line.birth_date, line.birth_text) == (born, text)


def test_letters_of_every_script_arrive_intact() -> None:
    names = ("Иванов", "李", "N\u2028L", "&lt;b&gt;", "x" * 200)
    rows = [PUPIL_HEADER, *([name, "Ù", "", "", "", ""] for name in names)]
    texts = [as_text(rows, Shape(encoding=encoding)) for encoding in ("utf-8", "utf-16")]
    for data in (*texts, as_workbook(rows)):
        assert [line.family_name for line in read(data)] == list(names)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b"\xff\xfe\r\x00\n\x00", "vide"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "ni un texte"),
        (b"Bonjour,\nvoici la liste.\n", "aucune ligne de titres"),
        ("Nom;Prénom\n".encode(), "ligne 1\u00a0: il n’y a personne"),
        ("Nom;Prénom\nMARTIN;L\x9da\n".encode("latin-1"), "ligne 2\u00a0: les lettres accentuées"),
        ("Nom;Prénom\nA;B\nMARTIN;Léa;;4E3\n".encode(), "ligne 3, colonne D\u00a0: une valeur"),
        ('Nom;Prénom\nA;B\n"MARTIN;Léa;y\nC;D\n'.encode(), "ligne 3\u00a0: un guillemet"),
        ("Nom;Prénom\n".encode() + b"A;B\n" * 50_001, "plus de 50000 lignes"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence_and_a_place(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_a_quote_that_is_a_letter_of_a_name_is_kept() -> None:
    first, second = read('Nom;Prénom\n"JO" MARTIN;Léa\nDURAND;"Max\n'.encode())
    assert (first.family_name, second.given_name) == ('"JO" MARTIN', '"Max')


def repacked(data: bytes, part: str, content: bytes) -> bytes:
    """Return a workbook with another content in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w") as other:
        for name in book.namelist():
            other.writestr(name, content if name == part else book.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<worksheet><sheetData>" + b"<row/>" * 1_000_001, "trop grand"),
        (b"<worksheet><!--" + b"x" * 3 * 1024 * 1024 + b"--></worksheet>", "trop grand"),
        (b"<worksheet>" + b"<!-- -->   " * 3 * 1024 * 1024, "trop grand"),
        (
            b'<!DOCTYPE w [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
            "abîmé",
        ),
        (b'<!DOCTYPE w SYSTEM "file:///etc/passwd"><worksheet/>', "abîmé"),
        (b"<a>" * 100_000, "abîmé"),
        (b"<worksheet><sheetData><row r='x'/></sheetData></worksheet>", "abîmé"),
        (b"<worksheet><sheetData><row><c t='s'><v>999</v></c></row></sheetData>", "abîmé"),
        (b"<worksheet>", "abîmé"),
    ],
    ids=[
        "elements",
        "token",
        "bytes",
        "entities",
        "external",
        "deep",
        "number",
        "reference",
        "cut",
    ],
)
def test_a_hostile_workbook_is_refused(content: bytes, words: str) -> None:
    data = as_workbook(workbook_rows(PUPILS))
    assert words in refusal(repacked(data, SHEET, content))


def sheet(*rows: str) -> bytes:
    """Return the part of a sheet, of rows written as XML."""
    return f"<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>".encode()


def cells(*places: str) -> str:
    """Return cells at these places."""
    return "".join(f"<c r='{place}' t='str'><v>x</v></c>" for place in places)


@pytest.mark.parametrize(
    "rows",
    [
        [f"<row r='3000000000'>{cells('A1')}</row>"],
        [f"<row r='1048577'>{cells('A1')}</row>"],
        [f"<row r='1048576'>{cells('A1')}</row>", f"<row>{cells('A2')}</row>"],
        [f"<row r='-5'>{cells('A1')}</row>"],
        [f"<row r='0'>{cells('A1')}</row>"],
        [f"<row r='{'9' * 5_000}'>{cells('A1')}</row>"],
        [f"<row r='2'>{cells('A2')}</row>", f"<row r='2'>{cells('A2')}</row>"],
        [f"<row r='2'>{cells('A2')}</row>", f"<row r='1'>{cells('A1')}</row>"],
        [f"<row r='1'><row r='2'>{cells('A2')}</row></row>"],
    ],
    ids=["huge", "past", "after", "negative", "zero", "figures", "twice", "back", "nested"],
)
def test_rows_that_no_spreadsheet_numbers_so_are_refused(rows: list[str]) -> None:
    data = as_workbook(workbook_rows(PUPILS))
    assert "abîmé" in refusal(repacked(data, SHEET, sheet(*rows)))


def test_rows_of_one_far_cell_count_as_wide_as_they_are() -> None:
    wide = [f"<row>{cells('CV1')}</row>"] * 10_001
    assert "trop grand" in refusal(
        repacked(as_workbook(workbook_rows(PUPILS)), SHEET, sheet(*wide))
    )


def test_a_sheet_named_twice_is_refused() -> None:
    data = as_workbook(workbook_rows(PUPILS))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        book = package.read("xl/workbook.xml")
    (named,) = re.findall(rb"<sheet .*?/>", book)
    assert "abîmé" in refusal(repacked(data, "xl/workbook.xml", book.replace(named, named * 2)))


@pytest.mark.parametrize(
    "padding", [b" " * 30 * 1024 * 1024, b"<si/>" * 900_000], ids=["bytes", "elements"]
)
def test_parts_within_their_bounds_are_too_large_together(padding: bytes) -> None:
    texts, relations = "xl/theme/theme1.xml", "xl/_rels/workbook.xml.rels"
    data = repacked(as_workbook(workbook_rows(PUPILS)), texts, b"<sst>" + padding + b"</sst>")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        known = package.read(relations)
    again = [
        f'<Relationship Type="/sharedStrings" Target="theme/theme1.xml" Id="t{number}"/>'.encode()
        for number in range(3)
    ]
    once, thrice = (
        repacked(data, relations, known.replace(b"</R", b"".join(more) + b"</R"))
        for more in (again[:1], again)
    )
    assert len(read(once)) == len(PUPILS)
    assert "trop grand" in refusal(thrice)


def test_sheets_after_the_list_are_not_even_read() -> None:
    book = load_workbook(io.BytesIO(as_workbook(workbook_rows(PUPILS))))
    book.create_sheet("Autre")
    out = io.BytesIO()
    book.save(out)
    assert len(read(repacked(out.getvalue(), "xl/worksheets/sheet2.xml", b"<damaged"))) == 7
    assert "abîmé" in refusal(repacked(out.getvalue(), SHEET, b"<damaged"))


def test_a_damaged_archive_and_another_office_file_are_refused() -> None:
    data = as_workbook(workbook_rows(PUPILS))
    assert "abîmé" in refusal(data[: len(data) // 2])
    assert "abîmé" in refusal(repacked(data, "xl/workbook.xml", b"<workbook/>")[:-30])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as document:
        document.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "ODS" in refusal(out.getvalue())


def test_a_cell_far_to_the_right_costs_nothing() -> None:
    content = (
        b"<worksheet><sheetData><row r='1'><c r='A1' t='str'><v>Nom</v></c><c r='B1' t='str'>"
        b"<v>Pr\xc3\xa9nom</v></c></row><row r='2'><c r='A2' t='str'><v>A</v></c>"
        b"<c r='B2' t='str'><v>B</v></c><c r='XFD2' t='str'><v>z</v></c></row>"
        b"</sheetData></worksheet>"
    )
    (line,) = read(repacked(as_workbook(workbook_rows(PUPILS)), SHEET, content))
    assert (line.family_name, line.given_name) == ("A", "B")
