"""What every answer carries, whoever wrote its page (T-B8), and hosts that are not ours (T-B9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from pytest_django import Settings

from directory.models import Person
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast
from tests.security.addresses import all_addresses

pytestmark = pytest.mark.django_db

SignIn = Callable[[Person | None], Client]


def faults_of(headers: dict[str, str]) -> list[str]:
    policy = headers.get("Content-Security-Policy", "")
    faults = []
    if "unsafe-inline" in policy or "unsafe-eval" in policy or "default-src 'none'" not in policy:
        faults.append(f"policy {policy!r}")
    if "frame-ancestors 'none'" not in policy:
        faults.append("may be framed")
    expected = {
        "X-Content-Type-Options": {"nosniff"},
        "Referrer-Policy": {"same-origin", "no-referrer"},
        "Cross-Origin-Opener-Policy": {"same-origin"},
        "X-Frame-Options": {"DENY"},
    }
    for name, values in expected.items():
        if headers.get(name) not in values:
            faults.append(f"{name}: {headers.get(name)}")
    return faults


def test_every_answer_carries_the_headers(cast: Cast, client_of: SignIn) -> None:
    """T-B8: pages, redirections, refusals and errors alike."""
    no_terms()
    found = []
    for person in (None, cast.ent_administrator, cast.pupil):
        client = client_of(person)
        for address in all_addresses():
            browser = client_of(person) if address.name in ENDS_THE_SESSION else client
            answer = browser.get(address.path)
            problems = faults_of(dict(answer.headers.items()))
            stays = address.name not in CACHEABLE | ENDS_THE_SESSION
            is_private = person is not None and stays
            if is_private and "no-store" not in answer.headers.get("Cache-Control", ""):
                problems.append("may be stored though somebody is signed in")
            found += [f"{address.path} ({address.name}): {problem}" for problem in problems]
    assert not found, "\n".join(found)


#: Drawings that are the same for everybody.
CACHEABLE = frozenset({"portal:theme", "portal:logo"})
#: The protocol signs out by a GET.
ENDS_THE_SESSION = frozenset({"sso:logout"})


def test_in_production_everything_is_https_and_cookies_are_host_only(settings: Settings) -> None:
    """T-B8: HSTS, `__Host-` cookies, Secure, HttpOnly, SameSite."""
    from ent.settings import base

    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SESSION_COOKIE_NAME = "__Host-preau_session"
    settings.SESSION_COOKIE_SECURE = True
    settings.CSRF_COOKIE_NAME = "__Host-preau_csrf"
    settings.CSRF_COOKIE_SECURE = True
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    login = make.make_account(person=person).login
    client = Client()
    answer = client.post(
        "/connexion/autres-comptes/", {"username": login, "password": make.PASSWORD}, secure=True
    )
    assert answer.status_code == 303
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    cookies = dict(answer.cookies.items())
    assert set(cookies) == {
        "__Host-preau_session",
        "__Host-preau_csrf",
        "__Host-preau_appareil",
    }
    for name, morsel in cookies.items():
        assert morsel["secure"], name
        assert morsel["httponly"], name
        assert morsel["samesite"] == "Lax", name
        assert morsel["path"] == "/", name
        assert not morsel["domain"], name
    assert not cookies["__Host-preau_session"]["max-age"]  # dies with the browser
    assert base.SESSION_COOKIE_HTTPONLY


@pytest.mark.parametrize("path", ["/", "/connexion/", "/connexion/autres-comptes/", "/accueil/"])
@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "evil.example:80", "a b"]
)
def test_a_poisoned_host_is_refused(path: str, host: str) -> None:
    """T-B9."""
    answer = Client().get(path, HTTP_HOST=host)
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/connexion/", "/connexion/autres-comptes/"])
def test_a_forwarded_host_is_not_read(path: str) -> None:
    """T-B9."""
    answer = Client().get(
        path,
        HTTP_X_FORWARDED_HOST="evil.example",
        HTTP_FORWARDED="host=evil.example",
        HTTP_X_HOST="evil.example",
    )
    assert answer.status_code == 200
    assert "evil" not in answer.content.decode()
    assert not mail.outbox


def test_signing_out_clears_what_the_browser_kept() -> None:
    """R-B9: "back" shows nothing private, and the page says what is left to do."""
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    client = Client()
    sign_in(client, make.make_account(person=person).login, make.PASSWORD)
    private = client.get("/mon-compte/")
    assert "no-store" in private.headers["Cache-Control"]
    answer = client.post("/deconnexion/", follow=True)
    page = answer.content.decode()
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Fermez le navigateur" in page
    assert "Manon" not in page
    assert not client.cookies[settings.SESSION_COOKIE_NAME].value
    back = client.get("/mon-compte/")
    assert back.headers["Location"].startswith("/connexion/")
