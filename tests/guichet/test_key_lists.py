"""Keys assigned by list: every fault by its line, or every key."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from guichet.agents.models import AcademicCredential
from guichet.authority.models import Guichet
from guichet.enums import KeySlot, KeyState
from guichet.keys.models import KeyAct, OtpKey
from tests.guichet import kit
from tests.guichet.test_seed_files import desk

pytestmark = pytest.mark.django_db
__all__ = ["desk"]  # a fixture


def post(client: Client, text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    answer = client.post("/assistance/attribuer/", {"file": SimpleUploadedFile("l.csv", data)})
    return answer.content.decode() if answer.status_code == 200 else answer.headers["Location"]


def workbook(*rows: Sequence[object]) -> bytes:
    """An XLSX as a spreadsheet saves it."""
    book, kept = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(list(row))
    book.save(kept)
    return kept.getvalue()


def stock(guichet: Guichet, *serials: str) -> None:
    for serial in serials:
        kit.make_key(None, guichet=guichet, state=KeyState.STOCK, serial=serial)


def test_a_list_assigns_every_key(desk: Client, guichet: Guichet) -> None:
    stock(guichet, "AB-0001", "AB-0002")
    agents = [kit.make_agent(uid, guichet=guichet) for uid in ("un", "deux")]
    assert post(desk, "Identifiant;Numéro\n UN ;ab-0001\ndeux;AB-0002\n") == "/assistance/"
    held = OtpKey.objects.filter(holder__in=agents).values_list("holder__uid", "serial", "slot")
    assert set(held) == {("un", "AB-0001", KeySlot.NEXT), ("deux", "AB-0002", KeySlot.NEXT)}
    actor = AcademicCredential.objects.get(uid="sacha")
    assert KeyAct.objects.filter(event="attribuee", actor=actor).count() == 2


def test_a_workbook_is_read_too(desk: Client, guichet: Guichet) -> None:
    stock(guichet, "AB-0001")
    kit.make_agent("un", guichet=guichet)
    assert post(desk, workbook(["identifiant", "numéro"], ["un", "AB-0001"])) == "/assistance/"
    assert "abîmé" in post(desk, b"PK\x03\x04rien")


def test_one_fault_assigns_nothing_and_every_fault_is_told(desk: Client, guichet: Guichet) -> None:
    stock(guichet, "AB-0001", "AB-0002", "AB-0003")
    gone = kit.make_agent("parti", guichet=guichet)
    kit.make_key(gone, guichet=guichet, serial="AB-0009")
    kit.make_agent("un", guichet=guichet)
    text = "un;AB-0001\nnul;AB-0002\nparti;AB-0009\nsacha;AB-0003\nun;ZZ-1\nseul\n"
    page = post(desk, text)
    for line, reason in (
        (2, "Aucun agent n’a cet identifiant"),
        (3, "La clé AB-0009 n’est pas en stock"),
        (4, "On n’agit pas sur ses propres accès"),
        (5, "Déjà à la ligne 1"),
        (6, "Il faut un identifiant et un numéro de série"),
    ):
        assert f"Ligne {line}\u00a0: {reason}" in page.replace("&nbsp;", "\u00a0"), line
    assert OtpKey.objects.filter(state=KeyState.STOCK).count() == 3
    assert not KeyAct.objects.filter(event="attribuee").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "ni un CSV en UTF-8 ni un classeur XLSX"),
        (b"\n\n", "ne compte aucune ligne"),
        (b"".join(b"x%d;y%d\n" % (n, n) for n in range(501)), "Plus de 500 lignes"),
    ],
)
def test_what_is_no_list_is_refused(desk: Client, content: bytes, reason: str) -> None:
    assert reason in post(desk, content).replace("&nbsp;", "\u00a0")
    assert not KeyAct.objects.filter(event="attribuee").exists()
