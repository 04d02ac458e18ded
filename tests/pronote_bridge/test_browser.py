"""An ENT administrator's way from the vendor's key to the file, and a pupil's tile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from playwright.sync_api import Page, expect

from directory.enums import Profile, Role
from directory.models import Person, School
from pronote_bridge.format.public_keys import read_public_key
from pronote_bridge.models import Export, Instance
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.kit.browser import assert_accessible, give_session, reload_until
from tests.kit.server import LiveProcess, LiveSite
from tests.pronote_bridge.files import KeyPair, make_key_pair
from tests.pronote_bridge.population import make_instance, make_pupil, make_staff, make_vendor
from tests.pronote_bridge.reader import Base, open_vendor_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ClientOf = Callable[[Person | None], Client]


@pytest.fixture
def pair(tmp_path: Path) -> KeyPair:
    """The vendor's key pair, its public half beside it as a file."""
    pair = make_key_pair(tmp_path)
    public = pair.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (tmp_path / "editeur.pub").write_bytes(public)
    return pair


def make_school_of_families() -> School:
    """A school with a bit of everything that the report speaks of."""
    school = make.make_school(name="Collège du Parc", phone="03 83 00 00 00")
    parent = make.make_person(profile=Profile.GUARDIAN, given_name="Claire", family_name="Martin")
    for given_name in ("Anna", "Basile"):
        pupil = make_pupil(school, given_name=given_name, family_name="Martin")
        make.make_child_of(guardian=parent, pupil=pupil)
    make_pupil(school, given_name="Léa", family_name="Petit")
    make_pupil(school, given_name="Lea", family_name="PETIT")
    make_pupil(school, given_name="Tom", family_name="Sansdate", birth_date=None)
    make_staff(school, "ENS", given_name="Élise", family_name="Professeure")
    return school


def test_from_the_vendors_key_to_the_file(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess, client_of: ClientOf,
    pair: KeyPair, tmp_path: Path,
) -> None:  # fmt: skip
    no_terms()
    school = make_school_of_families()
    administrator = make.make_person(profile=Profile.GUEST, given_name="Ève")
    make.make_account(person=administrator)
    make.give_role(person=administrator, role=Role.ENT_ADMINISTRATOR)
    page = browser_page
    give_session(page.context, live_site, client_of(administrator))
    page.goto("/gestion/pronote/")
    assert_accessible(page)
    page.get_by_role("link", name="Éditeur et clé publique").click()
    page.get_by_label("Identifiant de partenaire").fill("ENT_PREAU")
    page.get_by_label("Nom de partenaire").fill("Préau")
    page.get_by_label("Version du conteneur").fill("1.0")
    page.get_by_label("Assistance du projet").fill("pronote@exemple.fr")
    page.get_by_label("Objet des courriels").fill("ENT_Pronote")
    page.get_by_role("button", name="Enregistrer").click()
    assert_accessible(page)
    page.get_by_role("link", name="Remplacer la clé").click()
    assert_accessible(page)
    page.get_by_label("Fichier de la clé publique").set_input_files(tmp_path / "editeur.pub")
    page.get_by_role("button", name="Continuer").click()
    assert_accessible(page)
    fingerprint = read_public_key((tmp_path / "editeur.pub").read_bytes()).fingerprint
    page.get_by_label("Les 6 derniers signes").fill(fingerprint[-6:])
    page.get_by_role("button", name="Remplacer la clé").click()
    expect(page.get_by_text(fingerprint)).to_be_visible()
    page.goto("/gestion/pronote/ajouter/")
    page.get_by_label(f"Collège du Parc ({school.uai})").check()
    page.get_by_label("Nom de l’instance").fill("Collège du Parc")
    page.get_by_label("Adresse de Pronote").fill("https://parc.index-education.net/pronote/")
    assert_accessible(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Mode avec alimentation")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Rapport et export").click()
    expect(page.get_by_text("Sansdate")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Préparer le fichier").click()
    assert_accessible(page)
    page.get_by_role("button", name="Faire le fichier").click()
    expect(page.get_by_role("heading", name="Export de")).to_be_visible(timeout=60_000)
    assert_accessible(page)
    page.get_by_role("link", name="Télécharger").click()
    expect(page.get_by_text("superviseur (SPR)")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Télécharger").click()
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("link", name="Télécharger le fichier").click()
    base = Base()
    base.take(open_vendor_file(Path(download.value.path()).read_bytes(), pair.private))
    assert len(base.lines) == Export.objects.get().person_count == 6
    page.goto("/gestion/exports/")
    reload_until(page, page.get_by_text("Téléchargé, effacé"))
    assert_accessible(page)
    page.goto(f"/gestion/pronote/{Instance.objects.get().uuid}/machines/")
    assert_accessible(page)
    page.get_by_role("button", name="Créer un secret").click()
    expect(page.get_by_text("preau_pronote_")).to_be_visible()
    assert_accessible(page)
    page.goto("/gestion/pronote/guide/")
    assert_accessible(page)


def test_a_pupil_finds_pronote_first_and_reads_that_it_may_not_know_them(
    browser_page: Page, live_site: LiveSite, client_of: ClientOf, pair: KeyPair
) -> None:
    no_terms()
    make_vendor(pair)
    school = make.make_school(name="Collège du Parc", phone="03 83 00 00 00")
    pupil = make_pupil(school, given_name="Manon", family_name="Élève")
    make.make_account(person=pupil)
    make_instance(school)
    give_session(browser_page.context, live_site, client_of(pupil))
    browser_page.goto("/accueil/")
    tile = browser_page.locator("#services + ul li").first
    expect(tile).to_contain_text("Pronote ne vous connaît peut-être pas encore")
    expect(tile.get_by_role("link")).to_have_attribute(
        "href", f"https://{school.uai.lower()}.index-education.net/pronote/eleve.html"
    )
    assert_accessible(browser_page)
