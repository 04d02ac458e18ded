"""Journeys in a real browser, at 1280 and 360 pixels, against a guichet's own processes.

The key's window is a step around now: the code of a minute ago, of now and of the next minute are
three codes in a row, so that no journey waits for a minute.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.enums import Profile, Role
from directory.models import RoleGrant
from guichet.authority.models import Guichet
from guichet.enums import KeyState, PageVariant
from sso.enums import RequiredStrength
from tests import factories as make
from tests.guichet import kit
from tests.guichet.live import LiveGuichet, running_guichet
from tests.kit.browser import WIDTHS, assert_accessible, watch_page
from tests.sso.kit import make_service

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
SHOTS = os.environ.get("PREAU_SHOTS", "")
SERVICE = "http://127.0.0.1:9/application"


@pytest.fixture
def site(transactional_db: None) -> Iterator[LiveGuichet]:
    kit.make_guichet()
    with running_guichet(processes=2) as live:
        yield live


@pytest.fixture(params=list(WIDTHS))
def page(request: pytest.FixtureRequest, site: LiveGuichet, browser: Browser) -> Iterator[Page]:
    width, height = WIDTHS[request.param]
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    opened = context.new_page()
    faults: list[str] = []
    watch_page(opened, faults, site.url, SERVICE)
    yield opened
    context.close()
    assert not faults, "; ".join(faults)


def look(page: Page, name: str) -> None:
    """Hold the page to the rules, and keep a picture where somebody asked for one."""
    assert_accessible(page)
    if SHOTS:
        size = page.viewport_size
        width = size["width"] if size else 0
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)


def by_key(page: Page, uid: str, passcode: str) -> None:
    page.goto("/entrer/")
    page.get_by_label("Identifiant", exact=True).fill(uid)
    page.get_by_label("Clé de sécurité OTP").check()
    page.get_by_label("Passcode OTP (Code PIN + code de la clé)").fill(passcode)
    page.get_by_role("button", name="Se connecter").click()


def by_password(page: Page, uid: str, password: str = kit.PASSWORD) -> None:
    page.goto("/entrer/")
    page.get_by_label("Identifiant", exact=True).fill(uid)
    page.get_by_label("Mot de passe", exact=True).last.fill(password)
    page.get_by_role("button", name="Se connecter").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()


def test_password_first_use_and_next_sign_in(site: LiveGuichet, page: Page) -> None:
    guichet = Guichet.objects.get()
    agent = kit.make_agent("odurand", guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    page.goto("/entrer/")
    look(page, "entrer")
    by_password(page, agent.uid, "pas le bon du tout")
    expect(page.get_by_role("alert")).to_contain_text("Identification incorrecte")
    look(page, "refus")
    by_password(page, agent.uid)
    expect(page.get_by_role("heading", name="Bonjour Odile")).to_be_visible()
    look(page, "accueil")
    sign_out(page)
    look(page, "deconnecte")
    by_key(page, agent.uid, fob.code(after=-1))
    expect(page.get_by_role("heading", name="Attendez que le code change")).to_be_visible()
    look(page, "second-code")
    page.get_by_label("Nouveau code affiché par la clé").fill(fob.code())
    page.get_by_role("button", name="Continuer").click()
    look(page, "code-pin")
    page.get_by_label("Code PIN", exact=True).fill("123456")
    page.get_by_label("Confirmation").fill("123456")
    page.get_by_role("button", name="Enregistrer mon code PIN").click()
    expect(page.get_by_role("alert").first).to_contain_text("suite de chiffres")
    page.get_by_label("Code PIN", exact=True).fill(kit.PIN)
    page.get_by_label("Confirmation").fill(kit.PIN)
    page.get_by_role("button", name="Enregistrer mon code PIN").click()
    expect(page.get_by_role("heading", name="Bonjour Odile")).to_be_visible()
    sign_out(page)
    by_key(page, agent.uid, f"{kit.PIN} {fob.code(after=1)}")
    expect(page.get_by_role("heading", name="Bonjour Odile")).to_be_visible()
    page.goto("/ma-cle/")
    look(page, "ma-cle")
    page.goto("/guide-cle-otp/")
    look(page, "guide")


def test_the_single_field(site: LiveGuichet, page: Page) -> None:
    guichet = Guichet.objects.get()
    agent = kit.make_agent("odurand", guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    Guichet.objects.update(variant=PageVariant.SINGLE)
    field = page.get_by_label("Mot de passe ou Passcode OTP")
    page.goto("/entrer/")
    for _ in range(20):  # the processes read the setting again within two seconds
        if field.count():
            break
        page.reload()
        page.wait_for_timeout(200)
    look(page, "champ-unique")
    for secret in (kit.PASSWORD, kit.PIN + fob.code()):
        page.get_by_label("Identifiant", exact=True).fill(agent.uid)
        field.fill(secret)
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("heading", name="Bonjour Odile")).to_be_visible()
        sign_out(page)
        page.goto("/entrer/")


def test_a_service_asks_for_the_key(site: LiveGuichet, page: Page) -> None:
    guichet = Guichet.objects.get()
    agent = kit.make_agent("odurand", guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    make_service(SERVICE, realm="guichet", required_strength=RequiredStrength.KEY)
    page.goto(f"/cas/login?service={SERVICE}")
    page.get_by_label("Identifiant", exact=True).fill(agent.uid)
    page.get_by_label("Mot de passe", exact=True).last.fill(kit.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", name="Clé de sécurité OTP")).to_be_visible()
    look(page, "cle-demandee")
    page.get_by_label("Passcode OTP (Code PIN + code de la clé)").fill(kit.PIN + fob.code())
    with page.expect_request(re.compile(r"/application\?ticket=ST-")):
        page.get_by_role("button", name="Continuer").click()


def test_the_helpdesk_rescues_somebody(site: LiveGuichet, page: Page) -> None:
    """Locked → unlocked; forgotten key → rescue password; PIN cancelled; key lost."""
    guichet = Guichet.objects.get()
    person = make.make_person(profile=Profile.ACADEMIC, given_name="Sacha")
    RoleGrant.objects.create(person=person, role=Role.HELPDESK, authority=guichet.authority)
    helper = kit.make_agent("sacha", guichet=guichet, person=person, given_name="Sacha")
    own = kit.make_key(helper, guichet=guichet)
    agent = kit.make_agent(
        "odurand", guichet=guichet, family_name="Durand", function="Professeure", phone="0600000000"
    )
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.LOCKED, failures=10)
    by_key(page, helper.uid, kit.PIN + own.code())
    page.get_by_role("link", name="Assistance", exact=True).first.click()
    look(page, "assistance")
    page.get_by_label("Identifiant, nom ou numéro de clé").fill("durand")
    page.get_by_role("button", name="Chercher").click()
    look(page, "assistance-resultats")
    page.get_by_role("link", name="Durand Odile").click()
    look(page, "assistance-fiche")

    def act(name: str, button: str) -> None:
        page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
        page.get_by_label("Rappel au numéro connu du service").check()
        look(page, f"assistance-{name.split()[0].lower()}")
        page.get_by_role("button", name=button).click()

    act("Déverrouiller", "Déverrouiller")
    expect(page.get_by_text("En service")).to_be_visible()
    act("Mot de passe de secours", "Mot de passe de secours")
    look(page, "assistance-remis")
    shown = page.locator(".handed-secret").last.inner_text()
    page.get_by_role("link", name="C’est remis").click()
    context = page.context.browser
    assert context is not None
    other = context.new_page(base_url=site.url)
    by_key(other, agent.uid, kit.PIN + shown)
    expect(other.get_by_role("heading", name="Bonjour Odile")).to_be_visible()
    other.close()
    act("Annuler le code PIN", "Annuler le code PIN")
    act("Perdue", "Perdue")
    expect(page.get_by_text("Désactivée : perdue")).to_be_visible()
    look(page, "assistance-historique")
    page.goto("/assistance/import/")
    look(page, "assistance-import")
    assert fob.row.state == KeyState.LOST
