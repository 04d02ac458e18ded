"""An ENT administrator's first day with a second factor, in a browser, at both widths."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account
from directory.enums import Role
from tests import factories as make
from tests.accounts.applications import Application
from tests.accounts.signing import no_terms
from tests.accounts.test_first_sign_in_browser import look
from tests.kit import canaries
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def administrator(live_site: LiveSite) -> Account:
    no_terms()
    person = make.make_person(given_name="Ève", family_name="Portail", school=make.make_school())
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR)
    return make.make_account(person=person, login="eve.portail")


def enter_password(page: Page, account: Account) -> None:
    page.goto("/connexion/autres-comptes/?next=/annuaire/")
    page.get_by_label("Identifiant", exact=True).fill(account.login)
    page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()


def test_an_administrator_installs_proves_and_looks_after_it(
    browser_page: Page, administrator: Account
) -> None:
    """R-B7; the key and the codes appear in no log (T-M1)."""
    page = browser_page
    enter_password(page, administrator)
    expect(page.get_by_role("heading", name="Installez votre second facteur")).to_be_visible()
    look(page, "second-facteur-installer")
    page.get_by_text("Je ne peux pas viser le carré").click()
    key = (page.locator("#cle").text_content() or "").replace(" ", "")
    canaries.watch(key)
    application = Application(key)
    page.get_by_label("Code à 6 chiffres").fill("000000")
    page.get_by_role("button", name="Vérifier").click()
    look(page, "second-facteur-refus")
    page.get_by_label("Code à 6 chiffres").fill(application.code())
    page.get_by_role("button", name="Vérifier").click()

    expect(page.get_by_role("heading", name="Vos codes de secours")).to_be_visible()
    codes = page.locator("#codes li").all_text_contents()
    canaries.watch(*codes)
    assert len(codes) == 10
    look(page, "codes-de-secours")
    page.get_by_role("link", name="J’ai noté mes codes").click()
    expect(page).to_have_url(re.compile(r"/annuaire/$"))

    sign_out(page)
    enter_password(page, administrator)
    expect(page.get_by_role("heading", name="Code de votre application")).to_be_visible()
    look(page, "second-facteur-code")
    page.get_by_label("Code à 6 chiffres").fill(application.code(steps=1))
    page.get_by_role("button", name="Continuer").click()
    expect(page).to_have_url(re.compile(r"/annuaire/$"))

    sign_out(page)
    enter_password(page, administrator)
    page.get_by_text("Je n’ai pas mon téléphone").click()
    look(page, "second-facteur-secours")
    page.get_by_label("Code de secours").fill(codes[3])
    page.get_by_role("button", name="Continuer").click()
    expect(page).to_have_url(re.compile(r"/annuaire/$"))
    expect(page.locator("body")).to_contain_text("il vous en reste 9")

    page.goto("/mon-compte/second-facteur/")
    look(page, "second-facteur")
    page.get_by_role("link", name="Remplacer mes codes de secours").click()
    look(page, "codes-de-secours-remplacer")
    page.get_by_role("button", name="Remplacer mes codes").click()
    expect(page.locator("#codes li")).to_have_count(10)
    page.get_by_role("link", name="J’ai noté mes codes").click()
    page.goto("/mon-compte/second-facteur/retirer/")
    look(page, "second-facteur-retirer")
