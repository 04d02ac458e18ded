"""Journeys in a real browser against a guichet's own processes: each page is seen at both widths.

The key's window is a step around now: the code of a minute ago, of now and of the next minute are
three codes in a row, so that no journey waits for a minute.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from directory.enums import Profile, Role
from directory.models import RoleGrant
from guichet.agents.models import AcademicCredential
from guichet.authority.models import Guichet
from guichet.enums import KeyState, PageVariant
from guichet.keys.models import OtpKey
from sso.enums import RequiredStrength
from tests import factories as make
from tests.guichet import kit
from tests.guichet.live import LiveGuichet, running_worker
from tests.kit.browser import WIDTHS, assert_accessible, assert_fits, reload_until, watch_page
from tests.sso.kit import make_service

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]
SHOTS = os.environ.get("PREAU_SHOTS", "")
SERVICE = "http://127.0.0.1:9/application"
narrow = pytest.mark.parametrize("page", ["narrow"], indirect=True)


def open_page(browser: Browser, site: LiveGuichet, width: str, faults: list[str]) -> Page:
    """A page of a browser of its own."""
    size = WIDTHS[width]
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": size[0], "height": size[1]},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    opened = context.new_page()
    watch_page(opened, faults, site.url, SERVICE)
    return opened


@pytest.fixture
def page(request: pytest.FixtureRequest, site: LiveGuichet, browser: Browser) -> Iterator[Page]:
    faults: list[str] = []
    opened = open_page(browser, site, getattr(request, "param", "wide"), faults)
    yield opened
    opened.context.close()
    assert not faults, "; ".join(faults)


@pytest.fixture
def other(site: LiveGuichet, browser: Browser) -> Iterator[Page]:
    """Somebody else's browser, a telephone."""
    faults: list[str] = []
    opened = open_page(browser, site, "narrow", faults)
    yield opened
    opened.context.close()
    assert not faults, "; ".join(faults)


def look(page: Page, name: str) -> None:
    """Hold the page to the rules at both widths; keep pictures where somebody asked for them."""
    assert_accessible(page)
    before = page.viewport_size
    assert before is not None
    for width, height in WIDTHS.values():
        if SHOTS or width != before["width"]:
            page.set_viewport_size({"width": width, "height": height})
            assert_fits(page)
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
    page.set_viewport_size(before)


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


def second_code_and_pin(page: Page, code: str, pin: str = kit.PIN) -> None:
    """The two steps after a first code."""
    page.get_by_label("Nouveau code affiché par la clé").fill(code)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Code PIN", exact=True).fill(pin)
    page.get_by_label("Confirmation").fill(pin)
    page.get_by_role("button", name="Enregistrer mon code PIN").click()


def is_greeted(page: Page) -> None:
    expect(page.get_by_role("heading", name="Bonjour Odile")).to_be_visible()


@narrow
def test_password_first_use_next_sign_in_and_lost(site: LiveGuichet, page: Page) -> None:
    guichet = Guichet.objects.get()
    agent = kit.make_agent("odurand", guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.ASSIGNED)
    page.goto("/entrer/")
    look(page, "entrer")
    by_password(page, agent.uid, "pas le bon du tout")
    expect(page.get_by_role("alert")).to_contain_text("Identification incorrecte")
    look(page, "refus")
    by_password(page, agent.uid)
    is_greeted(page)
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
    is_greeted(page)
    sign_out(page)
    by_key(page, agent.uid, f"{kit.PIN} {fob.code(after=1)}")
    is_greeted(page)
    page.goto("/guide-cle-otp/")
    look(page, "guide")
    page.goto("/mon-adresse/")
    page.get_by_label("Adresse personnelle").fill("odile@maison.example")
    page.get_by_role("button", name="Recevoir le lien de confirmation").click()
    expect(page.get_by_text("Ouvrez le lien envoyé")).to_be_visible()
    look(page, "mon-adresse")
    page.goto("/ma-cle/")
    look(page, "ma-cle")
    page.get_by_role("link", name=re.compile("perdu")).click()
    look(page, "perdue")
    page.locator("main form button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("désactivée")
    look(page, "perdue-dit")
    assert fob.row.state == KeyState.LOST


def test_the_single_field_and_a_service_that_asks_for_the_key(
    site: LiveGuichet, page: Page
) -> None:
    guichet = Guichet.objects.get()
    agent = kit.make_agent("odurand", guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    make_service(SERVICE, realm="guichet", required_strength=RequiredStrength.KEY)
    Guichet.objects.update(variant=PageVariant.SINGLE)
    page.goto("/entrer/")
    look(page, "champ-unique")
    page.get_by_label("Identifiant", exact=True).fill(agent.uid)
    page.get_by_label("Mot de passe ou Passcode OTP").fill(kit.PIN + fob.code(after=-1))
    page.get_by_role("button", name="Se connecter").click()
    is_greeted(page)
    sign_out(page)
    page.goto(f"/cas/login?service={SERVICE}")
    page.get_by_label("Identifiant", exact=True).fill(agent.uid)
    page.get_by_label("Mot de passe ou Passcode OTP").fill(kit.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", name="Clé de sécurité OTP")).to_be_visible()
    look(page, "cle-demandee")
    page.get_by_label("Passcode OTP (Code PIN + code de la clé)").fill(kit.PIN + fob.code())
    with page.expect_request(re.compile(r"/application\?ticket=ST-")):
        page.get_by_role("button", name="Continuer").click()


def act(page: Page, name: str, button: str) -> None:
    """One act of the desk, as its page asks for it."""
    page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
    page.get_by_label("Rappel au numéro connu du service").check()
    look(page, f"assistance-{name.split()[0].lower()}")
    page.get_by_role("button", name=button).click()


def test_the_helpdesk_rescues_somebody(site: LiveGuichet, page: Page, other: Page) -> None:
    """Locked → unlocked; forgotten key → rescue password, which is no key; PIN cancelled; lost."""
    guichet = Guichet.objects.get()
    person = make.make_person(profile=Profile.ACADEMIC, given_name="Sacha")
    RoleGrant.objects.create(person=person, role=Role.HELPDESK, authority=guichet.authority)
    helper = kit.make_agent("sacha", guichet=guichet, person=person, given_name="Sacha")
    own = kit.make_key(helper, guichet=guichet)
    agent = kit.make_agent(
        "odurand", guichet=guichet, family_name="Durand", function="Professeure", phone="0600000000"
    )
    fob = kit.make_key(agent, guichet=guichet, state=KeyState.LOCKED, failures=10)
    make_service(SERVICE, realm="guichet", required_strength=RequiredStrength.KEY)
    by_key(page, helper.uid, kit.PIN + own.code())
    page.get_by_role("link", name="Assistance", exact=True).first.click()
    look(page, "assistance")
    page.get_by_label("Identifiant, nom ou numéro de clé").fill("durand")
    page.get_by_role("button", name="Chercher").click()
    look(page, "assistance-resultats")
    page.get_by_role("link", name="Durand Odile").click()
    look(page, "assistance-fiche")
    act(page, "Déverrouiller", "Déverrouiller")
    expect(page.get_by_text("En service")).to_be_visible()
    act(page, "Mot de passe de secours", "Mot de passe de secours")
    look(page, "assistance-remis")
    shown = page.locator(".handed-secret").last.inner_text()
    page.get_by_role("link", name="C’est remis").click()
    by_key(other, agent.uid, kit.PIN + shown)
    is_greeted(other)
    other.goto(f"/cas/login?service={SERVICE}")
    expect(other.get_by_role("heading", name="Clé de sécurité OTP")).to_be_visible()
    other.get_by_label("Passcode OTP (Code PIN + code de la clé)").fill(kit.PIN + shown)
    other.get_by_role("button", name="Continuer").click()
    expect(other.get_by_role("alert")).to_be_visible()
    act(page, "Annuler le code PIN", "Annuler le code PIN")
    by_key(other, agent.uid, fob.code(after=-1))
    second_code_and_pin(other, fob.code(), "206894")
    is_greeted(other)
    act(page, "Perdue", "Perdue")
    expect(page.get_by_text("Désactivée : perdue")).to_be_visible()
    look(page, "assistance-historique")
    other.goto("/ma-cle/")
    expect(other.get_by_role("heading", name="Accédez à vos applications")).to_be_visible()
    assert fob.row.state == KeyState.LOST


@narrow
def test_the_first_helpdesk_agent_of_an_authority_imports_keys(
    site: LiveGuichet, page: Page
) -> None:
    """From the command's code and key to the desk; then the supplier's file, read by a worker."""
    guichet = Guichet.objects.get()
    fob = kit.make_key(None, guichet=guichet, state=KeyState.STOCK)
    out = StringIO()
    names = {"given_name": "Odile", "family_name": "Durand"}
    call_command("create_helpdesk", "odurand", serial=fob.row.serial, stdout=out, **names)
    code = re.search(r"([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})", out.getvalue())
    assert code
    by_password(page, "odurand", code[1])
    look(page, "premier-mot-de-passe")
    page.get_by_label("Nouveau mot de passe").fill("quatre grenouilles vertes")
    page.get_by_label("Confirmation").fill("quatre grenouilles vertes")
    page.locator("main form button").last.click()
    is_greeted(page)
    page.goto("/assistance/attribuer/")
    page.get_by_label("Passcode OTP (Code PIN + code de la clé)").fill(fob.code(after=-1))
    page.get_by_role("button", name="Continuer").click()
    second_code_and_pin(page, fob.code())
    list_ = {"name": "liste.csv", "mimeType": "text/csv", "buffer": b"personne;TST9999999\n"}
    page.get_by_label("Liste des clés").set_input_files(list_)  # type: ignore[arg-type]
    page.get_by_role("button", name="Attribuer").click()
    expect(page.get_by_text("Aucun agent n’a cet identifiant")).to_be_visible()
    look(page, "assistance-attribuer")
    page.goto("/assistance/import/")
    look(page, "assistance-import")
    text = f"serial;seed;interval\nFOURNI1;{'5a' * 20};60\nFOURNI2;court;60\n"
    file = {"name": "cles.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("Fichier des clés").set_input_files(file)  # type: ignore[arg-type]
    with running_worker(site):
        page.get_by_role("button", name="Lire le fichier").click()
        reload_until(page, page.get_by_role("button", name="Importer"))
        expect(page.get_by_text("1 ligne refusée")).to_be_visible()
        look(page, "assistance-import-lu")
        page.get_by_role("button", name="Importer").click()
        reload_until(page, page.get_by_text("1 clé de plus en stock"))
        look(page, "assistance-importe")
    assert OtpKey.objects.get(serial="FOURNI1").state == KeyState.STOCK
    assert AcademicCredential.objects.get(uid="odurand").person is not None
