"""Drawing slips and letters: Typst, in memory, tagged PDF (PDF/UA-1).

The clear text never touches a disk: Typst reads its source and its data from memory and gives
bytes back. A school's QR code leads to its sign-in page and holds no secret; it is the same on all
sheets and drawn once.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import segno
import typst
from django.conf import settings
from django.utils import timezone

from accounts.enums import Audience, DoorKind
from accounts.models import Door
from credentials.enums import SlipLayout
from credentials.slips.letterhead import Letterhead, letterhead_of
from credentials.slips.paper import FONTS, needs_fallback, on_paper
from credentials.slips.people import SlipPerson
from directory.enums import Profile
from directory.models import School
from ent.pages.french import day_words, of_name

#: Characters of a word of a name from which its width is measured.
_LONG_WORD: Final = 10
#: Characters of a name, of a word of it and of the children together, on a usual slip.
_USUAL_NAME: Final = 24
_USUAL_WORD: Final = 12
_USUAL_CHILDREN: Final = 40
_HERE: Final = Path(__file__).parent
_NO_CODE: Final = "Demandez un nouveau code au secrétariat de l’établissement."
_CHOSEN: Final = "Vous avez déjà choisi votre mot de passe."
#: Audiences whose accounts the portal manages itself, and who have sheets.
_DOORED: Final = (Audience.FAMILY, Audience.OTHER)
_AUDIENCES: Final = {Profile.PUPIL: Audience.FAMILY, Profile.GUARDIAN: Audience.FAMILY}


@dataclass(frozen=True, slots=True)
class SheetHead:
    """What is the same on every sheet of a school."""

    head: Letterhead
    layout: SlipLayout
    authority: str
    address: str
    doors: Mapping[Audience, str]
    qr_svg: str
    logo_svg: str


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(FONTS)],
    )


#: Compilers that draw nothing now. One draws one document at a time; making one costs little.
_free_compilers: Final[list[typst.Compiler]] = []


@contextmanager
def _compiler() -> Iterator[typst.Compiler]:
    """Lend a compiler to one thread."""
    try:
        compiler = _free_compilers.pop()
    except IndexError:
        compiler = typst.Compiler(font_paths=_fonts())
    try:
        yield compiler
    finally:
        _free_compilers.append(compiler)


@cache
def _source() -> bytes:
    return (_HERE / "slips.typ").read_bytes()


def head_of(school: School, layout: SlipLayout) -> SheetHead:
    """Gather what every sheet of the school shows."""
    address = sign_in_address(school)
    head = letterhead_of(school)
    return SheetHead(
        head=head,
        layout=layout,
        authority=school.authority.name,
        address=address,
        doors={audience: _door_of(school, audience) for audience in _DOORED},
        qr_svg=_qr(address),
        logo_svg=_logo(head),
    )


def sign_in_address(school: School) -> str:
    """Return the sign-in page of the school, on the portal's own host."""
    origin = str(settings.PUBLIC_BASE_URL).rstrip("/")
    return f"{origin}{settings.LOGIN_URL}?{urlencode({'etablissement': school.uai})}"


def draw(people: Sequence[SlipPerson], *, sheet: SheetHead, title: str) -> bytes:
    """Return one PDF with the sheets of these people, in their order."""
    data = {
        "layout": sheet.layout.value,
        "title": title,
        "portal": sheet.head.portal,
        "address": sheet.address,
        "address-shown": _shown(sheet.address),
        "contacts": sheet.head.contacts,
        "help": "dites-le au secrétariat, ou utilisez «\u00a0Mot de passe oublié\u00a0».",
        "place-and-date": _place_and_date(sheet.head),
        "school": {
            "name": sheet.head.name,
            "authority": sheet.authority,
            "lines": list(sheet.head.address_lines),
            "signature": f"Le chef d’établissement, {sheet.head.name}",
        },
    }
    data = _on_paper(data)
    data["is-own"] = not needs_fallback(json.dumps(data, ensure_ascii=False))
    data |= _on_paper(_people(people, sheet))
    with _compiler() as compiler:
        drawn = compiler.compile(
            input=_source(),
            format="pdf",
            sys_inputs={"data": json.dumps(data), "qr": sheet.qr_svg, "logo": sheet.logo_svg},
            pdf_standards=["ua-1"],
        )
    assert isinstance(drawn, bytes)  # noqa: S101 - one document, one PDF
    return drawn


def _on_paper(value: Any) -> Any:
    """Return data of the document with each text in letters that our fonts draw."""
    match value:
        case str():
            return on_paper(value)
        case list():
            return [_on_paper(item) for item in value]
        case dict():
            return {key: _on_paper(item) for key, item in value.items()}
        case _:
            return value


def _people(people: Sequence[SlipPerson], sheet: SheetHead) -> dict[str, Any]:
    """Return the sheets, and for each kind of them (who, with or without a code) the first one."""
    drawn = [_person(person, sheet) for person in people]
    kinds: dict[tuple[str, ...], int] = {}
    for index, person in enumerate(drawn):
        kind = (person["audience"], person["words"], "code" if person["code"] else "")
        kinds.setdefault(kind, index)
        person["kind"] = list(kinds).index(kind)
    return {"people": drawn, "kinds": list(kinds.values())}


def _person(person: SlipPerson, sheet: SheetHead) -> dict[str, Any]:
    audience = _AUDIENCES.get(person.profile, Audience.OTHER)
    is_guardian = person.profile == Profile.GUARDIAN
    family = person.profile == Profile.PUPIL
    recipient = ("Aux parents de", *person.address_lines) if family else person.address_lines
    name = on_paper(person.name)
    words = re.split("[ -]", name)
    return {
        "name": name,
        "long-words": [word for word in words if len(word) > _LONG_WORD],
        "is-usual": _is_usual(person, words),
        "is-own": not needs_fallback("".join((name, *person.children, *recipient))),
        "login": person.login,
        "code": person.code,
        "until": person.until,
        "words": _CHOSEN if person.is_active else _NO_CODE,
        "class": person.class_code,
        "children": list(person.children) if is_guardian else [],
        "of_children": [of_name(child) for child in person.children] if is_guardian else [],
        "profile": str(person.profile.label),
        "audience": str(audience.label),
        "door": sheet.doors[audience],
        "greeting": _greeting(person),
        "recipient": list(recipient),
    }


def _is_usual(person: SlipPerson, words: Sequence[str]) -> bool:
    """Does the head of a small slip keep to its usual height, without being measured?

    That is three lines of name and one below it, however wide the letters are.
    """
    return (
        not needs_fallback(person.name)
        and len(person.name) <= _USUAL_NAME
        and max(map(len, words)) <= _USUAL_WORD
        and sum(map(len, person.children)) <= _USUAL_CHILDREN
    )


def _greeting(person: SlipPerson) -> str:
    title = person.title.rstrip(".").lower()
    if title in {"mme", "mlle"}:
        return "Madame"
    return "Monsieur" if title == "m" else "Madame, Monsieur"


def _door_of(school: School, audience: Audience) -> str:
    """Return the words of the door that this audience chooses on the mire, else the authority's."""
    doors = Door.objects.serving(audience).filter(kind=DoorKind.LOCAL, is_open=True)
    own = (
        doors.filter(authority=school.authority_id).first()
        or doors.filter(authority__isnull=True).first()
    )
    return own.label if own is not None else school.authority.name


def _place_and_date(head: Letterhead) -> str:
    today = day_words(timezone.localdate())
    return f"{head.town}, le {today}" if head.town else f"Le {today}"


def _shown(address: str) -> str:
    """What a person types: no scheme, no query."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _qr(address: str) -> str:
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode("utf-8")


def _logo(head: Letterhead) -> str:
    """Return the logo as Typst takes it: an SVG around the raster that we verified ourselves."""
    if not head.logo_data:
        return ""
    data = base64.b64encode(head.logo_data).decode("ascii")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' width="200" height="100"><image width="200" height="100"'
        ' preserveAspectRatio="xMinYMid meet"'
        f' xlink:href="data:{head.logo_type};base64,{data}"/></svg>'
    )
