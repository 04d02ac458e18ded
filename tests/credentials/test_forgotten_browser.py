"""From « Mot de passe oublié » to signed in, and an own address: a real browser, real SMTP."""

from __future__ import annotations

import os
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from directory.models import Person
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, no_terms
from tests.cast import make_cast
from tests.kit import canaries
from tests.kit.browser import assert_accessible
from tests.kit.mail import MailSink, text_of
from tests.kit.server import LiveProcess, LiveSite

pytestmark = pytest.mark.browser


def show(page: Page, name: str) -> None:
    """Check the page, and keep a picture when a folder is named: to look at, not to compare."""
    assert_accessible(page)
    folder = os.environ.get("PREAU_PICTURES")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def link_in(message: EmailMessage, site: LiveSite) -> str:
    """The path of the mail's link, whose token no log of the site may hold."""
    found = re.search(re.escape(site.url) + r"(/(?:[a-z-]+/)+([\w-]{43})/)", text_of(message))
    assert found is not None, text_of(message)
    canaries.watch(found[2])
    return found[1]


def test_a_parent_forgets_everything_and_comes_back_in(
    browser_page: Page, live_site: LiveSite, live_worker: LiveProcess, mail_sink: MailSink
) -> None:
    """R-E7, R-E7b, R-F1, T-C6, T-C8: login by mail, new password by mail, then an own address."""
    no_terms()
    cast = make_cast()
    Person.objects.filter(pk=cast.parent.pk).update(email="claire@example.org")
    page = browser_page

    page.goto("/connexion/autres-comptes/?etablissement=0541111A")
    page.get_by_role("link", name="Identifiant oublié").click()
    show(page, "identifiant-oublie")
    page.get_by_label("Adresse électronique").fill("claire@example.org")
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre demande est reçue")
    show(page, "identifiant-demande")
    mail = mail_sink.wait_for(to="claire@example.org", subject="Votre identifiant")
    assert "Claire (Collège Aristide-Briand)\u00a0: claire.martin" in text_of(mail)

    page.get_by_role("link", name="Retour à la connexion").click()
    page.goto("/connexion/autres-comptes/?etablissement=0541111A")
    page.get_by_role("link", name="Mot de passe oublié").click()
    show(page, "mot-de-passe-oublie")
    page.get_by_label("Identifiant", exact=True).fill("Claire.Martin")
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("cochez la case").first).to_be_visible()
    show(page, "mot-de-passe-oublie-refus")
    page.get_by_label("J’ai lu ces indications").check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("un courriel vient d’y être envoyé")).to_be_visible()
    show(page, "mot-de-passe-demande")
    mail = mail_sink.wait_for(to="claire@example.org", subject="Réinitialisation")
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}

    path = link_in(mail, live_site)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Réinitialisation du mot de passe")
    expect(page.get_by_text("Compte de Claire Martin")).to_be_visible()
    assert path.split("/")[3] not in page.url + page.content()
    show(page, "reinitialisation")
    page.get_by_label("Nouveau mot de passe", exact=True).fill(GOOD_PASSWORD)
    page.get_by_label("Confirmation", exact=True).fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Enregistrer mon mot de passe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Claire")
    page.go_back()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien a déjà servi")
    show(page, "lien-refuse")

    page.goto("/messagerie/preferences/")
    show(page, "preferences")
    page.get_by_role("link", name="Choisir une adresse").click()
    page.get_by_label("Nouvelle adresse").fill("claire.m@example.net")
    page.get_by_label("Mot de passe actuel").fill(make.PASSWORD)
    page.get_by_role("button", name="Envoyer le courriel").click()
    expect(page.get_by_text("Ce n’est pas votre mot de passe actuel.").first).to_be_visible()
    show(page, "adresse")
    page.get_by_label("Mot de passe actuel").fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Envoyer le courriel").click()
    expect(page.get_by_text("En attente de confirmation")).to_be_visible()
    show(page, "preferences-attente")
    mail = mail_sink.wait_for(to="claire.m@example.net", subject="Confirmez")
    page.goto(link_in(mail, live_site))
    show(page, "adresse-confirmer")
    page.get_by_role("button", name="Confirmer l’adresse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("L’adresse est confirmée")
    show(page, "adresse-confirmee")
    mail_sink.wait_for(to="claire@example.org", subject="Votre adresse de notification a changé")
    page.get_by_role("link", name="Voir mes préférences").click()
    show(page, "preferences-confirmee")
    page.get_by_role("link", name="Retirer cette adresse").click()
    show(page, "adresse-retirer")
