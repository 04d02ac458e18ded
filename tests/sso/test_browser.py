"""A pupil's browser: one sign-in, three services in three tabs, one sign-out (issue 4)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from sso.logout import notices as logout
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.kit.browser import WIDTHS, assert_accessible, watch_page
from tests.kit.server import LiveSite
from tests.sso.kit import make_service, user_of
from tests.sso.services import index_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=list(WIDTHS))
def page(request: pytest.FixtureRequest, live_site: LiveSite, browser: Browser) -> Iterator[Page]:
    """A page that may visit any service of this machine; refused content fails the test."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
    context.set_default_timeout(20_000)
    opened = context.new_page()
    faults: list[str] = []
    watch_page(opened, faults, "http://127.0.0.1:")
    yield opened
    context.close()
    assert not faults


class App:
    """A service of thirty lines: signs in over CAS, forgets a session when it is told to."""

    def __init__(self, cas: str) -> None:
        self.cas = cas
        self.users: dict[str, str] = {}
        self.port = 0

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def answer(self, path: str, cookie: str) -> tuple[int, dict[str, str], str]:
        if cookie in self.users:
            return 200, {}, f"<h1>Bonjour {self.users[cookie]}</h1>"
        ticket = parse_qs(urlsplit(path).query).get("ticket", [""])[0]
        if not ticket:
            address = f"{self.cas}/login?service={quote(self.home, safe='')}"
            return 302, {"Location": address}, ""
        query = {"ticket": ticket, "service": self.home}
        body = requests.get(f"{self.cas}/serviceValidate", params=query, timeout=20).text
        self.users[ticket] = user_of(body)
        return 302, {"Location": "/", "Set-Cookie": f"app{self.port}={ticket}; Path=/"}, ""


@contextmanager
def running(cas: str) -> Iterator[App]:
    app = App(cas)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cookies = dict(
                part.strip().partition("=")[::2]
                for part in (self.headers.get("Cookie") or "").split(";")
            )
            status, headers, body = app.answer(self.path, cookies.get(f"app{app.port}", ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            fields = parse_qs(self.rfile.read(length).decode())
            app.users.pop(index_of(fields["logoutRequest"][0]), None)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    app.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_one_sign_in_opens_three_services_and_one_sign_out_closes_them(
    page: Page, live_site: LiveSite
) -> None:
    no_terms()
    person = make.make_person(given_name="Manon", school=make.make_school())
    make.make_account(person=person, login="manon.eleve")
    with ExitStack() as stack:
        apps = [stack.enter_context(running(f"{live_site.url}/cas")) for _ in range(3)]
        for number, app in enumerate(apps):
            make_service(app.home, code=f"app{number}")
        page.goto(apps[0].home)
        page.get_by_label("Autres comptes et invités").check()
        assert_accessible(page)
        page.get_by_role("button", name="Valider").click()
        page.get_by_label("Identifiant").fill("manon.eleve")
        page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("heading")).to_contain_text("Bonjour")
        tabs = [page, *(page.context.new_page() for _ in range(2))]
        for tab, app in zip(tabs, apps, strict=True):
            tab.goto(app.home)
            expect(tab.get_by_role("heading")).to_contain_text("Bonjour")
        assert len({next(iter(app.users.values())) for app in apps}) == 3
        last = page.context.new_page()
        last.goto(f"{live_site.url}/cas/logout")
        assert_accessible(last)
        assert logout.send_due() == 3
        assert not any(app.users for app in apps)
        for tab, app in zip(tabs, apps, strict=True):
            tab.goto(app.home)
            assert "/connexion/" in tab.url


def test_the_pages_of_refusal_are_accessible(page: Page, live_site: LiveSite) -> None:
    make_service("https://ferme.example.fr/", code="ferme", is_open=False)
    for service in ("https://inconnu.example/", "https://ferme.example.fr/"):
        page.goto(f"{live_site.url}/cas/login?service={quote(service, safe='')}")
        assert_accessible(page)


def test_the_form_of_method_post_sends_itself(page: Page, live_site: LiveSite) -> None:
    no_terms()
    make.make_account(person=make.make_person(), login="manon.eleve")
    with running(f"{live_site.url}/cas") as app:
        make_service(app.home)
        query = f"service={quote(app.home, safe='')}&method=POST&guichet=autres-comptes"
        with page.expect_request(app.home) as sent:
            page.goto(f"{live_site.url}/cas/login?{query}")
            page.get_by_label("Identifiant").fill("manon.eleve")
            page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
            page.get_by_role("button", name="Se connecter").click()
        assert sent.value.method == "POST"
        assert "ticket=ST-" in (sent.value.post_data or "")
