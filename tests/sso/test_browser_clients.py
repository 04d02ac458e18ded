"""phpCAS and mod_auth_cas, unmodified, with what Chromium leaves raw in an address (issue 13)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from directory.models import Person
from tests import factories as make
from tests.conftest import require
from tests.kit.ports import free_port
from tests.kit.server import LiveSite
from tests.kit.tls import TlsFront, tls_front
from tests.sso.services import within
from tests.sso.test_clients import (
    APACHE,
    CLIENTS,
    MODULES,
    answers,
    apache,
    opaque_id,
    person,
    registered,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["person"]  # a fixture

QUERIES = [
    "f=a|b",
    "f={1|2}",
    "f=a^b",
    "f=`a`",
    "f=a\\b",
    "q=a?",
    "?",
    "q=a b",
    "q=été",
    "q=%C3%A9&q=&b",
    "q='a'\"b\"<c>",
    f"q={'a' * 2500}",
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of Chromium that believes every certificate."""
    context = browser.new_context(locale="fr-FR", ignore_https_errors=True)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page) -> None:
    """Choose the door, then fill its form."""
    page.get_by_label("Autres comptes et invités").check()
    page.get_by_role("button", name="Valider").click()
    type_password(page)


def type_password(page: Page) -> None:
    """Fill the form of the door."""
    page.get_by_label("Identifiant").fill("manon.eleve")
    page.get_by_label("Mot de passe", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


@pytest.fixture
def secure_site(live_site: LiveSite, tmp_path: Path) -> Iterator[TlsFront]:
    """The portal over https."""
    port = urlsplit(live_site.url).port
    assert port is not None
    with tls_front(port, tmp_path) as front:
        yield front


def test_phpcas_comes_back_to_whatever_address_it_was_opened_by(
    page: Page, secure_site: TlsFront, person: Person
) -> None:
    has_php = bool(shutil.which("php")) and Path("/usr/share/php/CAS.php").exists()
    require(has_php, "PHP with phpCAS, curl and xml (scripts/test_tools.sh)")
    port = free_port()
    home = f"http://127.0.0.1:{port}/"
    registered(home)
    with php(port, secure_site):
        assert within(20, lambda: answers(home))
        page.goto(f"{secure_site.url}/connexion/autres-comptes/")
        type_password(page)
        page.wait_for_url("**/accueil/")
        for query in QUERIES:
            page.context.clear_cookies(name="PHPSESSID")
            page.goto(f"{home}?{query}")
            said = json.loads(page.inner_text("body"))
            assert said["user"] == opaque_id(person), query
            assert said["attributes"]["nom"] == "Nom1 & <Fils>"
            assert "ticket=" not in page.url


@contextmanager
def php(port: int, cas: TlsFront) -> Iterator[None]:
    """PHP's own web server with the one page."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "CAS_URL": f"{cas.url}/cas/",
        "CAS_CERTIFICATE": str(cas.certificate),
        "SERVICE_BASE": f"http://127.0.0.1:{port}",
        "PHP_CLI_SERVER_WORKERS": "4",
    }
    folder = CLIENTS / "php"
    sessions = cas.certificate.parent / "sessions"
    sessions.mkdir()
    command = ["php", "-d", f"session.save_path={sessions}", "-S", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, str(folder / "index.php")],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # its workers do not end with it
        process.wait(timeout=20)


def test_mod_auth_cas_comes_back_to_whatever_address_it_was_opened_by(
    page: Page, live_site: LiveSite, person: Person, tmp_path: Path
) -> None:
    require(bool(APACHE) and (MODULES / "mod_auth_cas.so").exists(), "Apache with mod_auth_cas")
    port = free_port()
    home = f"http://127.0.0.1:{port}/page.html"
    registered(home)
    with apache(tmp_path, port, f"{live_site.url}/cas"):
        assert within(20, lambda: answers(home))
        page.goto(home)
        sign_in(page)
        page.wait_for_url(home)
        for query in QUERIES:
            page.context.clear_cookies(name="MOD_AUTH_CAS")
            answer = page.goto(f"{home}?{query}")
            assert answer is not None
            assert (answer.status, page.inner_text("body")) == (200, "secret"), query
            assert answer.header_value("X-Remote-User") == opaque_id(person), query
