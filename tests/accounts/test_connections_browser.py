"""Closing another browser, leaving everywhere, and what "back" still shows (R-B9)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.accounts.test_first_sign_in_browser import look
from tests.kit.server import LiveSite

pytestmark = pytest.mark.browser


@pytest.fixture
def account(live_site: LiveSite) -> Account:
    no_terms()
    school = make.make_school(name="Collège Aristide-Briand", uai="0541111A")
    person = make.make_person(given_name="Manon", family_name="Eleve", school=school)
    return make.make_account(person=person)


@pytest.fixture
def other_browser(live_site: LiveSite, browser_page: Page) -> Iterator[Page]:
    assert browser_page.context.browser is not None
    context = browser_page.context.browser.new_context(
        base_url=live_site.url,
        user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1",
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def enter(page: Page, account: Account) -> None:
    page.goto("/connexion/autres-comptes/")
    page.get_by_label("Identifiant", exact=True).fill(account.login)
    page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/accueil/")


def test_another_browser_is_closed_from_here(
    browser_page: Page, other_browser: Page, account: Account
) -> None:
    page = browser_page
    enter(other_browser, account)
    enter(page, account)
    page.goto("/mon-compte/")
    look(page, "mon-compte-boutons")
    page.get_by_role("link", name="Mes connexions").click()
    expect(page.get_by_role("rowheader", name="Safari, iPhone")).to_be_visible()
    look(page, "mes-connexions")
    page.get_by_role("button", name="Fermer Safari, iPhone").click()
    expect(page.locator("body")).to_contain_text("La connexion est fermée")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    look(page, "mes-connexions-seule")
    other_browser.reload()
    expect(other_browser.get_by_role("heading", name="Se connecter")).to_be_visible()

    enter(other_browser, account)
    page.reload()
    page.get_by_role("button", name="Fermer toutes les autres").click()
    expect(page.locator("body")).to_contain_text("L’autre connexion est fermée")
    other_browser.goto("/mon-compte/")
    expect(other_browser.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_back_shows_nothing_private_after_leaving(browser_page: Page, account: Account) -> None:
    """Neither the store of pages nor the pages kept alive, however far one goes back."""
    page = browser_page
    enter(page, account)
    visited = ["/mon-compte/", "/mon-compte/connexions/", "/accueil/"]
    for path in visited:
        answer = page.goto(path)
        assert answer is not None
        assert "no-store" in (answer.header_value("cache-control") or "")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()
    for _ in visited:
        page.go_back()
        expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
        assert "Manon" not in page.content()
    new_tab = page.context.new_page()
    new_tab.goto("/accueil/")
    expect(new_tab.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_back_asks_the_server_even_when_the_browser_kept_the_page_alive(
    browser_page: Page, account: Account
) -> None:
    """A browser that ignores `no-store` tells the page that it was kept: the page asks again."""
    page = browser_page
    enter(page, account)
    page.goto("/mon-compte/")
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    assert account.login not in page.content()
