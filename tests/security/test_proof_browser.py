"""A proof that runs out in the middle of a long form loses no character."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.cast import make_cast
from tests.credentials.mailing import families
from tests.kit.browser import assert_accessible, give_session
from tests.kit.server import LiveSite

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TEXT = "Bonjour,\n\nà lundi — « l’équipe » <b>&amp; vous</b>\n  deux blancs"
PREPARE = "/annuaire/administration/diffusion-des-identifiants/preparer/0541111A/"


def test_the_text_of_a_mailing_survives_the_proof(browser_page: Page, live_site: LiveSite) -> None:
    no_terms()
    cast = make_cast()
    families(cast.school_a, 2)
    client = Client()
    assert sign_in(client, cast.manager_a.account.login, make.PASSWORD).status_code == 303
    give_session(browser_page.context, live_site, client)
    browser_page.goto(PREPARE)
    browser_page.get_by_label("Objet").fill("L’an neuf")
    browser_page.get_by_label("Texte personnalisable").fill(TEXT)
    browser_page.get_by_role("checkbox", name="Élève").check()
    for session in Session.objects.all():  # a quarter of an hour later
        session.data |= {"authenticated_at": 0}
        session.save(update_fields=["data"])
    browser_page.get_by_role("button", name="Vérifier avant d’envoyer").click()

    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Confirmez que c’est vous")
    browser_page.get_by_label("Mot de passe actuel").fill(make.PASSWORD)
    browser_page.get_by_role("button", name="Continuer").click()

    expect(browser_page.get_by_text("Vérifiez ce que vous aviez saisi")).to_be_visible()
    expect(browser_page.get_by_label("Objet")).to_have_value("L’an neuf")
    expect(browser_page.get_by_label("Texte personnalisable")).to_have_value(TEXT)
    expect(browser_page.get_by_role("checkbox", name="Élève")).to_be_checked()
    assert_accessible(browser_page)
    browser_page.get_by_role("button", name="Vérifier avant d’envoyer").click()
    expect(browser_page.get_by_text("à lundi — « l’équipe »")).to_be_visible()
