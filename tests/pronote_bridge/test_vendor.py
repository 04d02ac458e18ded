"""The vendor's side: who keeps it, and how its key is replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from directory.enums import Role
from directory.models import Person
from ent.audit.models import AuditEvent
from pronote_bridge.format.public_keys import read_public_key
from pronote_bridge.journal import PronoteAct
from pronote_bridge.models import VendorPartner
from signin.sessions.recent_proof import AUTHENTICATED_AT_KEY
from tests import factories as make
from tests.cast import verified_client
from tests.pronote_bridge.files import make_key_pair
from tests.pronote_bridge.population import make_vendor, manager_of

pytestmark = pytest.mark.django_db

ADDRESS = "/gestion/pronote/editeur/cle/"
IDENTITY = {
    "partner_id": "ENT_PREAU",
    "partner_name": "Préau",
    "container_version": "1.0",
    "envelope": "editeur",
}


@pytest.fixture
def administrator(db: None) -> Person:
    """An ENT administrator."""
    person = make.make_person()
    make.make_account(person=person)
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR)
    return person


def public_key(folder: Path) -> str:
    """A fresh public key, as OpenSSH writes it."""
    pair = make_key_pair(folder)
    return pair.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def test_the_identity_is_written_once_for_the_portal(
    administrator: Person, client_of: Callable[[Person | None], Client]
) -> None:
    client = client_of(administrator)
    assert client.post("/gestion/pronote/editeur/", IDENTITY).status_code == 302
    client.post("/gestion/pronote/editeur/", {**IDENTITY, "partner_name": "Autre"})
    partner = VendorPartner.objects.get()
    assert (partner.partner_id, partner.partner_name) == ("ENT_PREAU", "Autre")
    assert not partner.is_complete
    changes = AuditEvent.objects.filter(act=PronoteAct.VENDOR_CHANGED).order_by("pk")
    assert changes[1].details["fields"] == "partner_name"


def test_a_key_is_replaced_once_the_end_of_its_fingerprint_is_typed(
    administrator: Person, client_of: Callable[[Person | None], Client], tmp_path: Path
) -> None:
    client, text = client_of(administrator), public_key(tmp_path)
    key = read_public_key(text.encode())
    asked = client.post(ADDRESS, {"texte": text}).content.decode()
    assert key.fingerprint in asked
    assert not VendorPartner.objects.exists()
    wrong = client.post(ADDRESS, {"cle": key.pem, "confirmation": "azerty"}).content.decode()
    assert "Rien n’a été changé" in wrong
    assert not VendorPartner.objects.exists()
    client.post(ADDRESS, {"cle": key.pem, "confirmation": key.fingerprint[-6:]})
    assert VendorPartner.objects.get().fingerprint == key.fingerprint
    event = AuditEvent.objects.get(act=PronoteAct.KEY_CHANGED)
    assert event.details["fingerprint"] == key.fingerprint


def test_a_change_of_key_asks_for_a_recent_proof(administrator: Person) -> None:
    client = verified_client(administrator)
    session = client.session
    session[AUTHENTICATED_AT_KEY] = 0
    session.save()
    answer = client.get(ADDRESS)
    assert answer.status_code == 303
    assert "editeur%2Fcle" in answer["Location"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Choisissez le fichier"),
        ("bonjour", "n’est pas une clé publique lisible"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "clé privée"),
    ],
)
def test_what_is_no_key_gets_a_sentence_and_changes_nothing(
    text: str,
    words: str,
    administrator: Person,
    client_of: Callable[[Person | None], Client],
    tmp_path: Path,
) -> None:
    before = make_vendor(make_key_pair(tmp_path)).fingerprint
    assert words in client_of(administrator).post(ADDRESS, {"texte": text}).content.decode()
    assert VendorPartner.objects.get().fingerprint == before


def test_no_school_chooses_the_key(client_of: Callable[[Person | None], Client]) -> None:
    client = client_of(manager_of(make.make_school()))
    for address in ("/gestion/pronote/editeur/", ADDRESS):
        assert client.get(address).status_code == 403
        assert client.post(address, IDENTITY).status_code == 403
    assert "Éditeur et clé publique" not in client.get("/gestion/pronote/").content.decode()
