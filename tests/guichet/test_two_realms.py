"""The portal and a guichet, each in its own processes on one database.

The portal's door to the guichet is a row like any academy's, and leads in by password or by key.
What one realm gave out (session, form, ticket, notice) is nothing in the other.
"""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import environ
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
import requests
from django.db import connection
from django.utils import timezone

from accounts.enums import AccountState
from accounts.models import Account, Door, TermsText
from directory.models import Authority
from guichet.authority.models import Guichet
from signin.enums import Realm
from sso.enums import AttributeSource
from sso.logout.models import LogoutNotice
from sso.models import ReleasedAttribute, Service
from tests import factories as make
from tests.accounts.academy import academic_account, academic_door
from tests.guichet import kit
from tests.guichet.live import LiveGuichet
from tests.kit.server import LiveSite
from tests.sso.kit import code_of, make_service, user_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MAIL = "odile@ac-nancy-metz.example"
KEY = "cle-otp"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser(requests.Session):
    """A jar that knows no port: both realms stand on one host, each is sent the other's cookies."""

    def fill(self, address: str, **typed: str) -> requests.Response:
        """Get a page and post its form; redirections are followed."""
        page = self.get(address, timeout=60)
        token = _TOKEN.search(page.text)
        assert token, page.text[:500]
        fields = {"csrfmiddlewaretoken": token[1], **typed}
        return self.post(page.url, data=fields, timeout=60)


@pytest.fixture
def door(live_site: LiveSite, site: LiveGuichet) -> Door:
    """The portal's door to the guichet, and the portal among the guichet's services."""
    TermsText.objects.all().delete()
    academy = Authority.objects.get(code=kit.AUTHORITY)
    opened = academic_door(academy, f"{site.url}/cas/", version="3")
    Door.objects.filter(pk=opened.pk).update(key_method=KEY)
    service = make_service(
        live_site.url_for(f"/guichet/{opened.code}/"),
        code="portail",
        realm=Realm.GUICHET,
        user_attribute=AttributeSource.LOGIN,
        releases_over_http=True,
    )
    ReleasedAttribute.objects.create(service=service, name="mail", source=AttributeSource.EMAIL)
    return opened


@pytest.fixture
def teacher(door: Door) -> Account:
    assert door.authority is not None
    school = make.make_school(authority=door.authority, name="Collège du Parc")
    account = academic_account(school, email=MAIL, name="Odile")
    kit.make_agent("odurand", guichet=Guichet.objects.get(), person=account.person, email=MAIL)
    return account


def at_the_guichet(browser: Browser, live_site: LiveSite, door: Door) -> str:
    """Press the door's button; return the page of the guichet where one signs in."""
    page = browser.fill(live_site.url_for(f"/connexion/{door.code}/"))
    _, _, address = page.headers["Refresh"].partition("; url=")
    return browser.get(address, timeout=60).url


@pytest.mark.parametrize("way", ["mot-de-passe", KEY])
def test_a_teacher_enters_the_portal_by_the_guichet(
    live_site: LiveSite, site: LiveGuichet, door: Door, teacher: Account, way: str
) -> None:
    """Nothing in the portal knows that it is ours: it asks, validates, finds the account."""
    agent = teacher.person.academic_credentials.get()
    fob = kit.make_key(agent, guichet=Guichet.objects.get())
    browser = Browser()
    entrance = at_the_guichet(browser, live_site, door)
    assert entrance.startswith(f"{site.url}/entrer/")
    secret = {"password": kit.PASSWORD} if way != KEY else {"passcode": kit.PIN + fob.code()}
    page = browser.fill(entrance, username=agent.uid, methode=way, **secret)
    assert page.url == live_site.url_for("/accueil/"), page.text[:2000]
    assert "Odile" in page.text
    assert Account.objects.get(pk=teacher.pk).state == AccountState.ACTIVE


def signed_in(base: str, path: str, **typed: str) -> Browser:
    """A browser that came in by the form of one realm."""
    browser = Browser()
    page = browser.fill(base + path, **typed)
    assert page.url == f"{base}/accueil/", page.text[:2000]
    return browser


@pytest.fixture
def both(live_site: LiveSite, site: LiveGuichet) -> tuple[Browser, Browser]:
    """Somebody signed in to the portal, and somebody to the guichet."""
    TermsText.objects.all().delete()
    account = make.make_account(person=make.make_person(), login="manon.eleve")
    kit.make_agent("odurand", guichet=Guichet.objects.get())
    portal = signed_in(
        live_site.url,
        "/connexion/autres-comptes/",
        username=account.login,
        password=make.PASSWORD,
    )
    entered = {"username": "odurand", "password": kit.PASSWORD, "methode": "mot-de-passe"}
    return portal, signed_in(site.url, "/entrer/", **entered)


def test_a_session_of_one_realm_is_nobodys_in_the_other(
    both: tuple[Browser, Browser], live_site: LiveSite, site: LiveGuichet
) -> None:
    """Under its own name and under the other's; the device's cookie and the form's too."""
    portal, guichet = both
    ours, theirs = "preau_session", "guichet_session"
    for browser, base, own, there in (
        (portal, site.url, ours, theirs),
        (guichet, live_site.url, theirs, ours),
    ):
        stolen = {name: value or "" for name, value in browser.cookies.items()}
        stolen[there] = stolen[own]
        answer = requests.get(f"{base}/accueil/", cookies=stolen, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, base
        asked = requests.get(
            f"{base}/cas/login?service=https://ailleurs.example/",
            cookies=stolen,
            allow_redirects=False,
            timeout=60,
        )
        assert "ticket=" not in asked.headers.get("Location", "")


def test_a_form_of_one_realm_is_refused_by_the_other(
    live_site: LiveSite, site: LiveGuichet
) -> None:
    """Its token and its cookie open no sign-in there."""
    kit.make_agent("odurand", guichet=Guichet.objects.get())
    page = requests.get(live_site.url_for("/connexion/autres-comptes/"), timeout=60)
    token = _TOKEN.search(page.text)
    assert token
    cookies = {name: value or "" for name, value in page.cookies.items()}
    assert "preau_csrf" in cookies
    answer = requests.post(
        f"{site.url}/entrer/",
        data={
            "csrfmiddlewaretoken": token[1],
            "username": "odurand",
            "password": kit.PASSWORD,
            "methode": "mot-de-passe",
        },
        cookies=cookies,
        allow_redirects=False,
        timeout=60,
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("issuer", [Realm.PORTAL, Realm.GUICHET])
def test_a_ticket_of_one_realm_is_unknown_to_the_other_and_lives_on(
    both: tuple[Browser, Browser], live_site: LiveSite, site: LiveGuichet, issuer: Realm
) -> None:
    """The same application trusts both; asking the wrong one does not use the ticket up."""
    app = "https://app.example.fr/entree"
    for realm in (Realm.PORTAL, Realm.GUICHET):
        make_service(app, code=f"app-{realm.value}", realm=realm, user_attribute="identifiant")
    is_ours = issuer == Realm.PORTAL
    browser, base, other = (
        (both[0], live_site.url, site.url) if is_ours else (both[1], site.url, live_site.url)
    )
    there = browser.get(
        f"{base}/cas/login?service={quote(app, safe='')}", allow_redirects=False, timeout=60
    )
    (ticket,) = parse_qs(urlsplit(there.headers["Location"]).query)["ticket"]
    asked = {"service": app, "ticket": ticket}
    for path in ("serviceValidate", "p3/proxyValidate"):
        refused = requests.get(urljoin(other, f"/cas/{path}"), params=asked, timeout=60)
        assert code_of(refused.text) == "INVALID_TICKET"
    found = requests.get(urljoin(base, "/cas/serviceValidate"), params=asked, timeout=60)
    assert user_of(found.text) == ("manon.eleve" if is_ours else "odurand")


@pytest.fixture
def told() -> Iterator[tuple[str, list[str]]]:
    """An application that notes which sign-ons it was told are over."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.extend(re.findall(r"(ST-[a-z0-9]+)", body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/entree", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_notice_is_sent_by_a_process_of_its_own_realm_alone(
    told: tuple[str, list[str]],
) -> None:
    kit.make_guichet()
    address, heard = told
    now = timezone.now() - timedelta(seconds=1)
    for realm in (Realm.PORTAL, Realm.GUICHET):
        service: Service = make_service(address, code=f"app-{realm.value}", realm=realm)
        LogoutNotice.objects.create(
            realm=realm,
            service=service,
            address=address,
            session_index=f"ST-{realm.name.lower()}{secrets.token_hex(8)}",
            created_at=now,
            next_try_at=now,
        )
    for realm in (Realm.PORTAL, Realm.GUICHET):
        before = len(heard)
        assert _send_due(realm) == "1"
        (one,) = heard[before:]
        assert one.startswith(f"ST-{realm.name.lower()}")


def _send_due(realm: Realm) -> str:
    program = (
        "import django; django.setup()\n"
        "from sso.logout.notices import send_due\n"
        "print(send_due())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **environ,
            "DJANGO_SETTINGS_MODULE": "ent.settings.test",
            "PREAU_TEST_DATABASE": connection.settings_dict["NAME"],
            "PREAU_REALM": realm.value,
            "GUICHET_AUTHORITY": kit.AUTHORITY,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
