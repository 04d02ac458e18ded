"""What paper shows: every letter, within its own slip, whatever the name, login or address."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pypdfium2
import pytest
from fontTools.unicodedata import script
from pypdf import PdfReader

from accounts.enums import Audience
from credentials.enums import SlipLayout
from credentials.slips.letterhead import Letterhead
from credentials.slips.making import draw_documents
from credentials.slips.paper import FONTS, UNKNOWN, is_drawn, on_paper
from credentials.slips.people import SlipPerson
from credentials.slips.sheets import SheetHead, draw
from directory.enums import Profile
from scripts.paper_fonts import FAMILIES, OWN_FAMILY, drawn_letters, ranges

MOST_BYTES = 3_000_000
CODE = "gqjz-qj2j-wqja"
DOOR = "de l’académie de Nancy-Metz"
ADDRESS = "https://ent.example/connexion/?etablissement=0541111A"
SEVEN_LINES = (
    "M. Jean-Baptiste de La Rochefoucauld-Montmorency",
    "Chez Madame Marie-Antoinette Vandenbroucke-Schoonmaker",
    "Résidence des Lilas Bleus et des Grands Marronniers",
    "Bâtiment B, escalier 4, troisième étage, porte 12",
    "112 bis rue du Général de Gaulle prolongée",
    "Lieu-dit Le Grand Pré de la Croix",
    "BP 12345",
    "54519 VANDOEUVRE LES NANCY CEDEX",
)
LONG_NAMES = (
    "Anne-Charlotte-Maximilienne de La Rochefoucauld-Montmorency-Laval d’Enghien",
    "Wolfeschlegelsteinhausenbergerdorff",
    "MMMMMMMMMMMM WWWWWWWWWWWW MMMMMMMMMMMM",
    "X" * 100,
    " ".join(["Marie"] * 33),
)
ODD_NAMES = (
    "Александра Шевченко",
    "Αλέξανδρος Παπαδόπουλος",
    "محمد بن عبد الله",
    "יוסף כהן",
    "Thị Ánh Nguyễn",
    "Thi\u0323 A\u0301nh",
    "王小明",
    "გიორგი",
    "Jean\u2010Marie",
    "Jean\u2011Marie",
    "Zo\ufffd",
    "Zo\u00ad\u200bé\u202e",
    "Zoé\x85\x0b\u2028Nadal",
    "q\u0303e\u0331",
    "\u0301",
    "😀",
    "\ue000",
    "ﷺ",
)


def person(number: int = 1, **fields: Any) -> SlipPerson:
    """A pupil with a code, and whatever is asked for."""
    plain: dict[str, Any] = {
        "account_id": number,
        "profile": Profile.PUPIL,
        "title": "",
        "name": f"Lou Nadal {number}",
        "login": f"lou.nadal{number}",
        "is_active": False,
        "code": CODE,
        "generation": 1,
        "until": "28 février 2027",
        "class_code": "4E3",
        "children": (),
        "address_lines": ("Lou Nadal", "12 rue des Lilas", "54000 NANCY"),
    }
    return SlipPerson(**(plain | fields))


def sheet(layout: SlipLayout, **fields: Any) -> SheetHead:
    """The head of a school's sheets, without a database."""
    head: dict[str, Any] = {
        "portal": "Préau",
        "name": "Collège Jean Moulin",
        "address_lines": ("1 rue de l’École", "54000 Nancy"),
        "town": "Nancy",
        "phone": "03 83 00 00 00",
        "email": "ce.0541111a@ac-nancy-metz.example",
    }
    return SheetHead(
        head=Letterhead(**(head | fields)),
        layout=layout,
        authority="Académie de Nancy-Metz",
        address=ADDRESS,
        doors=dict.fromkeys(Audience, DOOR),
        qr_svg='<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
        logo_svg="",
    )


def printed(layout: SlipLayout, people: Iterable[SlipPerson]) -> bytes:
    """The PDF of these people."""
    return draw(list(people), sheet=sheet(layout), title="Essai")


def words_of(pdf: bytes) -> str:
    """All words of a PDF, one space between them."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


Box = tuple[float, float, float, float]


def letters_of(page: pypdfium2.PdfPage) -> list[tuple[str, Box]]:
    """Each visible letter of a page with its ink: left, bottom, right, top, in points."""
    text = page.get_textpage()
    found = []
    for index in range(text.count_chars()):
        letter = text.get_text_range(index, 1)
        if letter.strip():
            found.append((letter, text.get_charbox(index)))
    return found


def overlap(one: Box, other: Box) -> float:
    """The share of the smaller box that lies in the other one."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    areas = [max((box[2] - box[0]) * (box[3] - box[1]), 1e-6) for box in (one, other)]
    return max(width, 0) * max(height, 0) / min(areas)


def assert_nothing_collides(pdf: bytes, *, columns: int = 1, rows: int = 1) -> None:
    """No letter lies on another, outside the page, or across the line where slips are cut."""
    for page in pypdfium2.PdfDocument(pdf):
        width, height = page.get_size()
        is_alone = _is_alone(page)
        cuts_x = [] if is_alone else [width * number / columns for number in range(1, columns)]
        cuts_y = [] if is_alone else [height * number / rows for number in range(1, rows)]
        letters = sorted(letters_of(page), key=lambda letter: letter[1])
        for number, (letter, box) in enumerate(letters):
            left, bottom, right, top = box
            assert 10 <= left <= right <= width - 10, (letter, box)
            assert 8 <= bottom <= top <= height - 8, (letter, box)
            assert not any(left < cut < right for cut in cuts_x), (letter, box)
            assert not any(bottom < cut < top for cut in cuts_y), (letter, box)
            for other, other_box in letters[number + 1 :]:
                if other_box[0] > right:
                    break
                assert overlap(box, other_box) < 0.6, (letter, other, box, other_box)


def _is_alone(page: pypdfium2.PdfPage) -> bool:
    """Is it a slip that takes a page of its own?"""
    words = page.get_textpage().get_text_range()
    return "Choisissez votre mot de passe" in words and words.count("Identifiant") == 1


def test_the_fonts_are_small_free_and_hold_the_letters_of_the_list() -> None:
    """Latin of every language, Greek, Cyrillic, Arabic, Hebrew; OFL; made by a script."""
    files = list(FONTS.glob("*.ttf"))
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    for name in ("LICENSE-OFL.txt", "LICENSE-OFL-Noto.txt"):
        assert "SIL OPEN FONT LICENSE" in (FONTS / name).read_text(encoding="utf-8")
    drawn = drawn_letters(FONTS, (OWN_FAMILY, *FAMILIES))
    listed = (FONTS / "letters.txt").read_text(encoding="ascii").split()
    assert listed == [f"{first:04X}-{last:04X}" for first, last in ranges(drawn)]
    counts = Counter(script(chr(code)) for code in drawn)
    assert counts["Latn"] > 1_200
    assert counts["Cyrl"] > 400
    assert counts["Grek"] > 300
    assert counts["Arab"] > 1_000
    assert counts["Hebr"] > 130


def test_every_character_of_unicode_becomes_one_that_is_drawn() -> None:
    """Whatever stands in a name, the fonts have what `on_paper` returns."""
    for letter in map(chr, range(0x110000)):
        if unicodedata.category(letter) not in {"Cs", "Cn", "Co"}:
            shown = on_paper(letter)
            assert is_drawn(shown), hex(ord(letter))
            assert shown == on_paper(shown)


@pytest.mark.slow
def test_a_document_holds_every_letter_that_our_fonts_draw() -> None:
    """PDF/UA-1 refuses a letter without a picture: it refuses none of the list."""
    drawn = sorted(drawn_letters(FONTS, (OWN_FAMILY, *FAMILIES)))
    names = ["".join(map(chr, drawn[at : at + 60])) for at in range(0, len(drawn), 60)]
    people = [person(number, name=name) for number, name in enumerate(names)]
    assert printed(SlipLayout.EIGHT, people)[:5] == b"%PDF-"


@pytest.mark.parametrize("layout", SlipLayout)
@pytest.mark.parametrize("name", ODD_NAMES)
def test_one_letter_that_a_font_lacks_stops_no_school(layout: SlipLayout, name: str) -> None:
    """The neighbours are printed, and so is the person."""
    children = (f"{name} (4E3)",)
    odd = person(
        2, name=name, profile=Profile.GUARDIAN, children=children, address_lines=(name, name)
    )
    pdf = draw(
        [person(1), odd, person(3)],
        sheet=sheet(layout, name=f"Collège {name}", town=name, email=name),
        title=f"Essai {name}",
    )
    words = words_of(pdf)
    assert words.count(CODE) == 3
    assert "lou.nadal1" in words
    assert "lou.nadal3" in words


def test_names_of_five_scripts_are_kept_and_others_are_written_in_latin_letters() -> None:
    """NFC, no invisible mark, and a capital where the other script has none."""
    for kept in ("Александра", "Αλέξανδρος", "محمد", "יוסף", "Thị Ánh Nguyễn", "Jean\u2011Marie"):
        assert on_paper(kept) == kept
        assert is_drawn(kept)
    assert on_paper("Thi\u0323 A\u0301nh") == "Thị Ánh"
    assert on_paper("王小明") == "WangXiaoMing"
    assert on_paper("გიორგი Nadal") == "Giorgi Nadal"
    assert on_paper("\ue000") == UNKNOWN
    assert on_paper("Zo\u00ad\u200bé\u202e") == "Zoé"
    assert is_drawn("Zo\u00ad\u200bé\u202e")
    assert on_paper("Zoé\x85 \u2028Nadal") == "Zoé Nadal"
    assert person(name="王小明").is_transliterated
    assert person(children=("王小明 (4E3)",)).is_transliterated
    assert not person(name="محمد").is_transliterated


@pytest.mark.parametrize("layout", [SlipLayout.EIGHT, SlipLayout.TWO, SlipLayout.ONE])
def test_long_names_logins_and_families_stay_on_their_slip(layout: SlipLayout) -> None:
    """Measured, shrunk, broken over lines or alone on a page: never on the neighbour's."""
    family = tuple(f"Wolfeschlegel {name} (4E3)" for name in LONG_NAMES[:3])
    people = [
        *(person(number, name=name) for number, name in enumerate(LONG_NAMES, 1)),
        *(person(10 + size, login=("m" * 9 + ".") * 7 + "m" * size) for size in (0,)),
        person(20, login="maximilienne.vandenbroucke-schoonm"),
        person(21, login="w" * 45),
        person(22, login="w" * 30, name=LONG_NAMES[0]),
        person(23, profile=Profile.GUARDIAN, children=family, name=LONG_NAMES[0]),
        person(24, profile=Profile.GUARDIAN, children=family * 4),
        person(25, is_active=True, code="", until=""),
        person(26, code="", until="", name=LONG_NAMES[2]),
        *(person(number) for number in range(30, 40)),
    ]
    pdf = printed(layout, people)
    columns, rows = {"8": (2, 4), "2": (1, 2), "1": (1, 1)}[layout.value]
    assert_nothing_collides(pdf, columns=columns, rows=rows)
    words = words_of(pdf)
    for one in people:
        assert one.login in words, "a login is never cut over two lines"
    assert words.count(CODE) == len(people) - 2


def test_a_long_address_stays_in_the_window_of_the_envelope() -> None:
    """DL folded in three: 110 mm from the left, 45 mm from the top, 80 by 35 mm."""
    mm = 72 / 25.4
    name, town = "M. " + "Marie " * 33, "54519 " + "Vandoeuvre " * 9
    longest = (name, *["Bâtiment B, 12"] * 20, town), (name, "rue du Général de Gaulle " * 12, town)
    for lines in (SEVEN_LINES, *longest):
        for profile in (Profile.PUPIL, Profile.GUARDIAN):
            pdf = printed(SlipLayout.LETTER, [person(profile=profile, address_lines=lines)])
            assert_nothing_collides(pdf)
            page = pypdfium2.PdfDocument(pdf)[0]
            height = page.get_size()[1]
            above_date = [box for _, box in letters_of(page) if box[1] > height - 86 * mm]
            window = [box for box in above_date if box[0] > 100 * mm and box[3] < height - 40 * mm]
            assert window
            for left, bottom, right, top in window:
                assert left >= 110 * mm - 1
                assert right <= 190 * mm + 1
                assert top <= height - 45 * mm + 1
                assert bottom >= height - 80 * mm - 1
    words = words_of(printed(SlipLayout.LETTER, [person(address_lines=SEVEN_LINES)]))
    assert " ".join(SEVEN_LINES) in words


@pytest.mark.parametrize("layout", SlipLayout)
def test_a_slip_says_who_chooses_what_and_whom_to_call(layout: SlipLayout) -> None:
    """« Élève ou parent », the academy, and the school's own contact; with a code or without."""
    for one in (person(), person(is_active=True, code="", until="")):
        words = words_of(printed(layout, [one])).replace("\u00a0", " ")
        assert "« Élève ou parent »" in words
        assert f"« {DOOR} »" in words
        assert "Académie de Nancy-Metz" in words
        assert "03 83 00 00 00 ou ce.0541111a@ac-nancy-metz.example" in words


def test_documents_drawn_side_by_side_keep_their_order_and_their_people() -> None:
    sizes = (40, 1, 3, 30, 1, 2)
    names = [f"eleves-{number}" for number in range(len(sizes))]
    piles = [
        [person(100 * pile + number) for number in range(size)] for pile, size in enumerate(sizes)
    ]
    drawn = draw_documents(
        iter(list(zip(names, piles, strict=True))), sheet=sheet(SlipLayout.EIGHT), kind="Fiches"
    )
    for (name, people), pdf in drawn:
        assert name == names.pop(0)
        words = words_of(pdf)
        assert words.count("Identifiant") == len(people)
        assert all(f"{someone.login} " in words for someone in people)
    assert not names
