"""Chromium follows a right password to wherever the service leads (issue 13, decision 0042)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Account, TermsText
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.kit.server import LiveSite
from tests.sso.kit import make_service

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass
class Wanderer:
    """A service that takes the ticket and goes on to another origin, its own welcome page."""

    port: int = 0
    paths: list[str] = field(default_factory=list)

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def welcome(self) -> str:
        return f"http://localhost:{self.port}/accueil"


@contextmanager
def wandering() -> Iterator[Wanderer]:
    service = Wanderer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.paths.append(self.path)
            is_welcome = self.path == "/accueil"
            self.send_response(200 if is_welcome else 302)
            if not is_welcome:
                self.send_header("Location", service.welcome)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<h1>Bienvenue</h1>" if is_welcome else b"")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def account(transactional_db: None) -> Account:
    no_terms()
    return make.make_account(
        person=make.make_person(given_name="Manon", school=make.make_school()), login="manon.eleve"
    )


def open_form(page: Page, site: LiveSite, service: Wanderer, more: str = "") -> None:
    make_service(service.home, code=f"s{service.port}")
    query = f"service={quote(service.home, safe='')}&guichet=autres-comptes{more}"
    page.goto(f"{site.url}/cas/login?{query}")
    page.get_by_label("Identifiant").fill("manon.eleve")
    page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


@pytest.mark.parametrize("more", ["", "&method=POST"])
def test_a_right_password_reaches_a_service_that_goes_on_elsewhere(
    more: str, page: Page, live_site: LiveSite, account: Account
) -> None:
    with wandering() as service:
        open_form(page, live_site, service, more)
        press(page, "Se connecter")
        page.wait_for_url(service.welcome)
        assert any("ticket=ST-" in path for path in service.paths) or more


def test_the_terms_and_the_warning_lead_there_too(
    page: Page, live_site: LiveSite, account: Account
) -> None:
    TermsText.objects.create(
        version=1, title="Conditions", body="Lisez.", published_at=timezone.now()
    )
    with wandering() as service:
        open_form(page, live_site, service)
        page.get_by_label("Me demander mon accord").check()
        press(page, "Se connecter")
        page.get_by_role("checkbox").check()
        press(page, "Continuer")
        # The sign-in was made for this service; the next one is asked about.
        page.wait_for_url(service.welcome)
        page.goto(f"{live_site.url}/cas/login?service={quote(service.home, safe='')}")
        expect(page.get_by_role("heading")).to_contain_text("Ouvrir")
        press(page, "Continuer")
        page.wait_for_url(service.welcome)


def test_enter_twice_signs_in(page: Page, live_site: LiveSite, account: Account) -> None:
    """Whether the page's script keeps the second one back or not."""
    for script in (True, False):
        context = page.context.browser.new_context(java_script_enabled=script)  # type: ignore[union-attr]
        tab = context.new_page()
        with wandering() as service:
            open_form(tab, live_site, service)
            for _ in range(2):
                tab.keyboard.press("Enter")
            tab.wait_for_url(service.welcome)
        context.close()


def test_back_and_send_again_goes_on(page: Page, live_site: LiveSite, account: Account) -> None:
    with wandering() as service:
        make_service(service.home, code=f"s{service.port}")
        asked = f"/cas/login?service={quote(service.home, safe='')}"
        page.goto(f"{live_site.url}/connexion/autres-comptes/?next={quote(asked, safe='')}")
        for is_again in (False, True):
            if is_again:
                page.go_back()
            page.get_by_label("Identifiant").fill("manon.eleve")
            page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
            press(page, "Se connecter")
            page.wait_for_url(service.welcome)


def test_of_two_tabs_the_second_goes_on(page: Page, live_site: LiveSite, account: Account) -> None:
    with wandering() as service:
        open_form(page, live_site, service)
        other = page.context.new_page()
        other.goto(f"{live_site.url}/connexion/autres-comptes/")
        other.get_by_label("Identifiant").fill("manon.eleve")
        other.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
        press(other, "Se connecter")
        other.wait_for_url(f"{live_site.url}/accueil/")
        press(page, "Se connecter")
        page.wait_for_url(service.welcome)


def test_the_sign_out_of_an_old_tab_signs_out(
    page: Page, live_site: LiveSite, account: Account
) -> None:
    """It was opened before somebody signed in again in another tab."""
    sign_in = f"{live_site.url}/connexion/autres-comptes/"
    for tab in (page, page.context.new_page()):
        tab.goto(sign_in)
        tab.get_by_label("Identifiant").fill("manon.eleve")
        tab.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
        press(tab, "Se connecter")
        tab.wait_for_url(f"{live_site.url}/accueil/")
    press(page, "Se déconnecter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes déconnecté")
    page.goto(f"{live_site.url}/accueil/")
    assert "/connexion/" in page.url
