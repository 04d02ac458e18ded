"""From the mire to the connected page and out again, in a browser, at both widths."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.doors.base.standard import open_standard_doors
from accounts.models import Account, Door
from directory.models import School
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending
from tests.kit import canaries
from tests.kit.browser import assert_accessible
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def school(live_site: LiveSite) -> School:
    """A school of Nancy-Metz, beside another academy and the agricultural network."""
    academy = make.make_authority(code="NANCY-METZ", name="Académie de Nancy-Metz")
    open_standard_doors(authority=academy)
    open_standard_doors(authority=make.make_authority(code="REIMS", name="Académie de Reims"))
    network = make.make_authority(code="AGRI", name="Enseignement agricole", kind="agricole")
    open_standard_doors(authority=network)
    return make.make_school(authority=academy, name="Collège Aristide-Briand", uai="0541111A")


@pytest.fixture
def pupil(school: School) -> tuple[Account, str]:
    account, code = make_pending(school=school)
    canaries.watch(GOOD_PASSWORD)
    return account, code


def look(page: Page, name: str) -> None:
    """Check the page for everybody, and keep a picture when somebody wants to look at it."""
    folder = os.environ.get("PREAU_PICTURES")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    assert_accessible(page)


def test_a_pupil_signs_in_for_the_first_time(
    browser_page: Page, pupil: tuple[Account, str]
) -> None:
    """R-B1 to R-B4, R-B8, R-B9; the server logs at DEBUG and no canary is in it (T-M1)."""
    page, (account, code) = browser_page, pupil
    page.goto("/connexion/?etablissement=0541111A")
    look(page, "mire")
    page.get_by_text("Élève ou parent", exact=True).click()
    family = page.get_by_role("group", name="Élève ou parent")
    expect(family.get_by_label("de l’académie de Nancy-Metz")).to_be_checked()
    look(page, "mire-ouverte")
    page.get_by_role("button", name="Valider").click()

    look(page, "guichet")
    page.get_by_label("Identifiant", exact=True).fill(account.login.upper())
    page.get_by_label("Mot de passe", exact=True).fill("pas le bon")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("incorrect")
    look(page, "guichet-refus")
    page.get_by_label("Identifiant", exact=True).fill(account.login.upper())
    page.get_by_label("Mot de passe", exact=True).fill(code.upper())
    page.get_by_role("button", name="Se connecter").click()

    expect(page.get_by_role("heading", name="Choisissez votre mot de passe")).to_be_visible()
    look(page, "mot-de-passe")
    page.get_by_label("Nouveau mot de passe").fill("Martin")
    page.get_by_label("Confirmation").fill("Durand")
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    look(page, "mot-de-passe-refus")
    page.get_by_label("Nouveau mot de passe").fill(GOOD_PASSWORD)
    page.get_by_label("Confirmation").fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()

    expect(page.get_by_role("heading", name="Conditions d’utilisation", exact=True)).to_be_visible()
    look(page, "conditions")
    page.get_by_label("J’ai lu et j’accepte").check()
    page.get_by_role("button", name="Continuer").click()

    expect(page).to_have_url(re.compile(r"/accueil/$"))
    expect(page.locator("body")).to_contain_text("Collège Aristide-Briand")
    page.goto("/mon-compte/")
    look(page, "mon-compte")
    page.goto("/mon-compte/mot-de-passe/")
    look(page, "changer-mot-de-passe")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
    look(page, "deconnecte")
    page.go_back()
    expect(page.locator("body")).not_to_contain_text(account.login)
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_a_remembered_choice_and_the_pages_around_the_doors(
    browser_page: Page, school: School
) -> None:
    """R-B2, R-B5 for now, and what was forgotten."""
    page = browser_page
    page.goto("/connexion/")
    page.get_by_text("Enseignant", exact=True).click()
    page.get_by_label("de l’académie de Nancy-Metz").locator("visible=true").check()
    page.get_by_label("Oui").check()
    page.get_by_role("button", name="Valider").click()
    look(page, "guichet-academique")
    page.goto("/connexion/")
    expect(page.get_by_role("link", name="Que faire en attendant")).to_be_visible()
    look(page, "mire-memorisee")
    page.get_by_role("link", name="Changer").click()
    expect(page.get_by_role("group", name="Vous souhaitez vous connecter")).to_be_visible()
    for path in ("mot-de-passe-oublie", "identifiant-oublie"):
        page.goto(f"/connexion/{path}/?etablissement=0541111A")
        look(page, path)
    page.goto("/connexion/")
    page.get_by_role("link", name="Changer").click()
    page.get_by_text("Autres comptes et invités").click()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_label("Identifiant", exact=True)).to_be_visible()
    assert Door.objects.filter(code="autres-comptes").exists()


def test_the_mire_works_without_scripts(
    live_site: LiveSite, browser_page: Page, school: School
) -> None:
    """R-B10: doors open in place with styles alone."""
    assert browser_page.context.browser is not None
    context = browser_page.context.browser.new_context(
        base_url=live_site.url, java_script_enabled=False, viewport={"width": 360, "height": 780}
    )
    page = context.new_page()
    page.goto("/connexion/")
    door = page.get_by_label("de l’académie de Reims").first
    expect(door).to_be_hidden()
    page.get_by_label("Élève ou parent").check()
    door.check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_label("Mot de passe", exact=True)).to_be_visible()
    context.close()
