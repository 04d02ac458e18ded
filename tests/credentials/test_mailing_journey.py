"""A manager writes to the parents who never signed in, in a real browser, through a real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cast import make_cast, verified_client
from tests.credentials.mailing import families, family
from tests.credentials.test_journey import show
from tests.kit.browser import assert_accessible, give_session, reload_until
from tests.kit.mail import MailSink, text_of
from tests.kit.server import LiveProcess, LiveSite

pytestmark = pytest.mark.browser
_NOT_YET = {"done": 0, "total": 3, "finished": False}
DESK = "/annuaire/administration/diffusion-des-identifiants/"


def test_a_manager_writes_to_the_parents_and_reads_what_became_of_it(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess, mail_sink: MailSink
) -> None:
    """R-E5 and R-E6 whole: choose, read, send, follow, and the link opens the password page."""
    cast = make_cast()
    families(cast.school_a, 3)
    family(cast.school_a, 8, email="", given_name="Inès", family_name="Sans-Adresse")
    family(cast.school_a, 9, email="pas une adresse")
    page = browser_page
    give_session(page.context, live_site, verified_client(cast.manager_a))

    page.goto(DESK)
    assert_accessible(page)
    show(page, "diffusion-vide")
    page.get_by_role("link", name="Préparer une diffusion").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Diffusion des identifiants ENT aux utilisateurs gérés par l’ENT"
    )
    expect(page.locator("#compte")).to_contain_text("3 courriels")
    expect(page.get_by_text(re.compile("caractères sur 75"))).to_be_visible()
    page.get_by_label("Élève", exact=True).check()
    page.get_by_label("Enseignant", exact=True).check()
    expect(page.locator("#compte")).to_contain_text("compte académique")
    page.get_by_label("Texte personnalisable (facultatif)").fill("La rentrée a lieu lundi.")
    expect(page.get_by_text("24 caractères sur 600")).to_be_visible()
    assert_accessible(page)
    show(page, "diffusion-preparer")

    page.get_by_role("button", name="Vérifier avant d’envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Envoyer 3 courriels")
    expect(page.get_by_text("La rentrée a lieu lundi.")).to_be_visible()
    assert_accessible(page)
    show(page, "diffusion-verifier")
    # Three mails leave at once, and the page would go on while it is being looked at.
    page.route("**/avancement/", lambda route: route.fulfill(json=_NOT_YET))
    page.get_by_role("button", name="Diffuser les identifiants").click()

    expect(page.get_by_role("button", name="Arrêter")).to_be_visible()
    assert_accessible(page)
    show(page, "diffusion-suivi")
    page.unroute("**/avancement/")
    mail = mail_sink.wait_for(to="parent2@example.org", subject="vos identifiants de connexion")
    expect(page.get_by_role("button", name="Arrêter")).to_have_count(0, timeout=60_000)
    assert_accessible(page)
    show(page, "diffusion-finie")

    page.get_by_role("link", name="Voir la liste").click()
    expect(page.get_by_role("rowheader", name="Sans-Adresse Inès")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("État", exact=True).select_option("")
    page.get_by_role("button", name="Choisir").or_(
        page.get_by_role("button", name="Filtrer")
    ).click()
    expect(page.get_by_text("5 destinataires")).to_be_visible()
    assert_accessible(page)
    show(page, "diffusion-destinataires")
    page.goto(DESK)
    expect(page.get_by_text("Terminée")).to_be_visible()
    assert_accessible(page)
    show(page, "diffusion-liste")

    page.goto(f"{DESK}preparer/{cast.school_a.uai}/")
    expect(page.locator("#compte")).to_contain_text("0 courriel")
    expect(page.locator("#compte")).to_contain_text("ces 7 derniers jours")
    page.get_by_role("button", name="Vérifier avant d’envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Personne à qui écrire")
    expect(page.get_by_text("Laissés de côté à cause d’un autre envoi")).to_be_visible()
    assert_accessible(page)
    show(page, "diffusion-deja-envoyee")

    page.goto("/messagerie/")
    reload_until(page, page.get_by_text("Bilan d’envoi").first)
    found = re.search(r"(/connexion/lien/\S+)", text_of(mail))
    assert found is not None
    page.context.clear_cookies()
    page.goto(found[1])
    expect(page.get_by_label(re.compile("Nouveau mot de passe")).first).to_be_visible()
