"""A student signs in, seen in a browser: the choice, the door, a refusal, the first page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Door
from demo.university.people import PASSWORD
from tests.accounts.test_first_sign_in_browser import look
from tests.kit.server import LiveSite
from tests.kit.slapd import University
from tests.university.conftest import account_of

pytestmark = pytest.mark.browser


def test_a_student_signs_in(
    live_site: LiveSite, browser_page: Page, door: Door, university: University
) -> None:
    member = university.members[11]
    account_of(door, member)
    page = browser_page
    page.goto("/connexion/")
    page.get_by_text("Étudiant", exact=True).click()
    look(page, "universite-choix")
    page.get_by_role("button", name="Valider").click()
    page.get_by_label("Identifiant", exact=True).fill(member.login)
    page.get_by_label("Mot de passe", exact=True).fill("faux")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("Identifiant ou mot de passe incorrect.")
    look(page, "universite-refus")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/accueil/")
    look(page, "universite-accueil")
