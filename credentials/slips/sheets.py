"""Drawing slips and letters: Typst, in memory, tagged PDF (PDF/UA-1).

The clear text never touches a disk: Typst reads its source and its data from memory and gives
bytes back. A school's QR code leads to its sign-in page and holds no secret; it is the same on all
sheets and drawn once.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
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
from credentials.letterhead import Letterhead, letterhead_of
from credentials.slips.people import SlipPerson
from directory.enums import Profile
from directory.models import School
from ent.pages.french import day_words, of_name

_HERE: Final = Path(__file__).parent
_NO_CODE: Final = "Demandez un nouveau code au secrétariat de l’établissement."
_CHOSEN: Final = "Vous avez déjà choisi votre mot de passe."
_AUDIENCES: Final = {Profile.PUPIL: Audience.FAMILY, Profile.GUARDIAN: Audience.FAMILY}


@dataclass(frozen=True, slots=True)
class SheetHead:
    """What is the same on every sheet of a school."""

    head: Letterhead
    layout: SlipLayout
    address: str
    door: str
    qr_svg: str
    logo_svg: str


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(_HERE / "fonts")],
    )
    return typst.Compiler(font_paths=fonts)


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
        address=address,
        door=_door_of(school),
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
        "door": sheet.door,
        "contact": sheet.head.contact,
        "help": "dites-le au secrétariat, ou utilisez «\u00a0Mot de passe oublié\u00a0».",
        "place-and-date": _place_and_date(sheet.head),
        "school": {
            "name": sheet.head.name,
            "lines": list(sheet.head.address_lines),
            "signature": f"Le chef d’établissement, {sheet.head.name}",
        },
        "people": [_person(person) for person in people],
    }
    drawn = _compiler().compile(
        input=_source(),
        format="pdf",
        sys_inputs={"data": json.dumps(data), "qr": sheet.qr_svg, "logo": sheet.logo_svg},
        pdf_standards=["ua-1"],
    )
    assert isinstance(drawn, bytes)  # noqa: S101 - one document, one PDF
    return drawn


def _person(person: SlipPerson) -> dict[str, Any]:
    audience = _AUDIENCES.get(person.profile, Audience.OTHER)
    is_guardian = person.profile == Profile.GUARDIAN
    family = person.profile == Profile.PUPIL
    recipient = ("Aux parents de", *person.address_lines) if family else person.address_lines
    return {
        "name": person.name,
        "login": person.login,
        "code": person.code,
        "until": person.until,
        "words": _CHOSEN if person.is_active else _NO_CODE,
        "class": person.class_code,
        "children": list(person.children) if is_guardian else [],
        "of_children": [of_name(child) for child in person.children] if is_guardian else [],
        "profile": str(person.profile.label),
        "door": str(audience.label),
        "greeting": _greeting(person),
        "recipient": list(recipient),
    }


def _greeting(person: SlipPerson) -> str:
    title = person.title.rstrip(".").lower()
    if title in {"mme", "mlle"}:
        return "Madame"
    return "Monsieur" if title == "m" else "Madame, Monsieur"


def _door_of(school: School) -> str:
    """Return the words of the door that families of the school choose on the mire."""
    doors = Door.objects.serving(Audience.FAMILY).filter(kind=DoorKind.LOCAL, is_open=True)
    own = (
        doors.filter(authority=school.authority_id).first()
        or doors.filter(authority__isnull=True).first()
    )
    return own.label if own is not None else ""


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
