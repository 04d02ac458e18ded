"""« Retour » after a refused form, without JavaScript: never an error page of the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast, make_cast
from tests.credentials.mailing import families
from tests.kit.browser import give_session
from tests.kit.server import LiveSite

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MAILING = "/annuaire/administration/diffusion-des-identifiants/preparer/0541111A/"


@pytest.fixture
def page(browser: Browser, live_site: LiveSite) -> Iterator[Page]:
    """A page of a browser that runs no script."""
    context = browser.new_context(base_url=live_site.url, java_script_enabled=False, locale="fr-FR")
    yield context.new_page()
    context.close()


def goes_away_and_comes_back(page: Page, words: str) -> None:
    """The refusal is there after a link and « Retour », after « Suivant », and loaded again."""
    refused = page.get_by_text(words).first
    expect(refused).to_be_visible()
    page.goto("/informations/aide/")
    page.go_back()
    expect(refused).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_forward()
    expect(refused).to_be_visible()
    page.reload()
    expect(refused).to_be_visible()


def test_back_to_each_kind_of_refused_form(page: Page, live_site: LiveSite) -> None:
    no_terms()
    cast: Cast = make_cast()
    families(cast.school_a, 2)

    page.goto("/connexion/autres-comptes/")
    page.get_by_label("Identifiant", exact=True).fill(cast.manager_a.account.login)
    page.get_by_label("Mot de passe", exact=True).fill("un mauvais secret")
    page.get_by_role("button", name="Se connecter").click()
    goes_away_and_comes_back(page, "incorrect")
    page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")

    client = Client()
    sign_in(client, cast.manager_a.account.login, make.PASSWORD)
    give_session(page.context, live_site, client)
    page.goto(MAILING)
    page.get_by_label("Objet").fill("")
    page.get_by_label("Texte personnalisable").fill("À lundi")
    page.get_by_role("button", name="Vérifier avant d’envoyer").click()
    goes_away_and_comes_back(page, "Objet")
    expect(page.get_by_label("Texte personnalisable")).to_have_value("À lundi")

    page.goto(reverse("credentials:block", args=[cast.pupil.uuid]))
    page.get_by_label("Motif").fill("")
    page.get_by_role("button", name="Bloquer").click()
    goes_away_and_comes_back(page, "Écrivez pourquoi")
