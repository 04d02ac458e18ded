"""A manager asks for the file of a school, downloads it, and deletes it, in a real browser."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from directory.enums import Profile
from tests import factories as make
from tests.cast import make_cast, verified_client
from tests.credentials.test_files import make_pending
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveProcess, LiveSite

pytestmark = pytest.mark.browser
FILES = "/annuaire/administration/fichiers-des-identifiants/"
NAME = "ENT-Identifiants-0541111A"


def show(page: Page, name: str) -> None:
    """Keep a picture when a folder is named: to look at, not to compare."""
    folder = os.environ.get("PREAU_PICTURES")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def test_a_manager_asks_downloads_and_deletes(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess
) -> None:
    """R-E1 whole: the list fills by itself, the CSV is the right one, deletion asks first."""
    cast = make_cast()
    accounts = make_pending(cast.school_a, 3)
    guest = make.make_person(profile=Profile.GUEST, school=cast.school_a)
    make.make_account(person=guest)
    page = browser_page
    give_session(page.context, live_site, verified_client(cast.manager_a, is_recent=False))

    page.goto(FILES)
    expect(page.get_by_role("heading", level=1)).to_have_text("Fichiers des identifiants")
    assert_accessible(page)
    show(page, "fichiers-vide")

    # This session never typed a password: the first act asks for it, then comes back.
    page.get_by_role("link", name="Régénérer le(s) fichier(s) des identifiants").click()
    page.get_by_label("Mot de passe actuel").fill(make.PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_label("Date de recherche")).to_be_visible()
    assert_accessible(page)
    show(page, "regenerer")
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("en préparation").first).to_be_visible()
    expect(page.get_by_text("1 résultat")).to_be_visible()
    download = page.get_by_role("button", name=f"CSV {NAME}.csv")
    expect(download).to_be_visible(timeout=60_000)
    page.goto(FILES)
    assert_accessible(page)
    show(page, "fichiers")

    with page.expect_download(timeout=60_000) as caught:
        download.click()
    assert caught.value.suggested_filename == f"{NAME}.csv"
    text = Path(caught.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    assert {account.login for account in accounts} <= {row["login"] for row in rows}
    expect(page.get_by_role("heading", level=1)).to_have_text("Le fichier est prêt")
    assert_accessible(page)
    show(page, "remise")

    page.goto(f"{FILES}reemettre/?perimetre={cast.school_a.uai}&date=")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Remplacer 3 codes")
    assert_accessible(page)
    show(page, "reemettre")

    page.goto(FILES)
    page.get_by_role("link", name="Supprimer").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Supprimer ce fichier\u00a0?")
    assert_accessible(page)
    show(page, "supprimer")
    page.get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("est supprimé")).to_be_visible()
    expect(page.get_by_text("Aucun fichier pour l’instant")).to_be_visible()


@pytest.mark.parametrize("browser_page", ["wide"], indirect=True)
def test_an_administrator_sees_the_files_of_every_school_as_a_table(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess
) -> None:
    """Several schools, the filter, and both states beside each other."""
    cast = make_cast()
    make_pending(cast.school_a, 5)
    page = browser_page
    give_session(page.context, live_site, verified_client(cast.ent_administrator))
    page.goto(f"{FILES}regenerer/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("3 résultats")).to_be_visible()
    expect(page.get_by_role("button", name="XLSX")).to_have_count(3, timeout=60_000)
    page.reload()
    assert_accessible(page)
    show(page, "fichiers-administrateur")
    page.get_by_label("Établissement", exact=True).select_option(cast.school_b.uai)
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("1 résultat")).to_be_visible()
    page.goto(f"{FILES}reemettre/")
    assert_accessible(page)
    show(page, "reemettre-choix")
