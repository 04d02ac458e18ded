"""A form sent twice, from an old tab, or without any cookie (issue 13, T-B5)."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Account, TermsAcceptance
from ent.audit.models import AuditEvent
from signin.form_tickets.models import LoginTicket
from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.academy import academic_door
from tests.accounts.signing import no_terms
from tests.sso.kit import APP, make_service, ticket_in, user_of, validate

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db
DOOR = "/connexion/autres-comptes/"
LATE = "depuis trop longtemps"


@pytest.fixture
def account() -> Account:
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    return make.make_account(person=person, login="manon.eleve")


def ticket_of(client: Client, path: str = DOOR) -> str:
    """Open a page with a form, and return the form's ticket."""
    page = client.get(path).content.decode()
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def send(
    client: Client, ticket: str, *, path: str = DOOR, login: str = "manon.eleve", **more: str
) -> TestResponse:
    form = {"username": login, "password": make.PASSWORD, "csrfmiddlewaretoken": ticket}
    return client.post(path, {**form, **more})


def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def who(client: Client) -> str:
    """Return whom the browser is signed in as."""
    user = client.get("/mon-compte/").wsgi_request.user
    return user.login if user.is_authenticated else ""


# --- sent twice ---------------------------------------------------------------------------------


def test_whoever_sends_the_form_twice_at_once_is_signed_in_by_either_answer(
    account: Account,
) -> None:
    """Enter twice: both leave with the cookies of before, and the browser keeps one answer."""
    client = browser()
    ticket = ticket_of(client, f"{DOOR}?next=/mon-compte/")
    before = SimpleCookie(client.cookies.output(header=""))
    answers = []
    for _ in range(2):
        client.cookies = SimpleCookie(before.output(header=""))
        answers.append((send(client, ticket, path=f"{DOOR}?next=/mon-compte/"), client.cookies))
    for answer, cookies in answers:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/mon-compte/")
        client.cookies = cookies
        assert who(client) == account.login


def test_a_form_that_was_refused_stays_dead(account: Account) -> None:
    """CAS 3.0.3, 3.5.1: a login ticket is good for one attempt."""
    client = browser()
    ticket = ticket_of(client)
    assert send(client, ticket, password="mauvais").status_code == 200
    answer = send(client, ticket)
    assert answer.status_code == 403
    assert "déjà été envoyé" in answer.content.decode()
    assert who(client) == ""


def test_a_form_of_a_minute_ago_is_not_sent_again(account: Account) -> None:
    """Nobody signs in as who walked away from a page that never came."""
    client = browser()
    ticket = ticket_of(client)
    before = SimpleCookie(client.cookies.output(header=""))
    send(client, ticket)
    used = LoginTicket.objects.get()
    LoginTicket.objects.update(used_at=used.used_at.replace(year=used.used_at.year - 1))
    client.cookies = before
    assert send(client, ticket).status_code == 403


def test_after_a_sign_out_no_form_of_before_signs_in(account: Account) -> None:
    """Back, and « send again », on a shared computer."""
    client = browser()
    ticket = ticket_of(client)
    assert send(client, ticket).status_code == 303
    client.post("/deconnexion/", {"csrfmiddlewaretoken": ticket_of(client, "/mon-compte/")})
    assert send(client, ticket).status_code == 403
    assert who(client) == ""


def test_terms_accepted_twice_lead_to_the_service_both_times() -> None:
    """The last form of a sign-in: the browser throws the first answer away, here as well."""
    person = make.make_person(school=make.make_school())
    make.make_account(person=person, login="manon.eleve")
    make_service()
    client = browser()
    path = f"/cas/login?service={quote(APP, safe='')}"
    step = send(client, ticket_of(client), path=f"{DOOR}?next={quote(path, safe='')}")
    assert step.headers["Location"] == "/premiers-pas/conditions/"
    form = {"accepted": "on", "csrfmiddlewaretoken": ticket_of(client, step.headers["Location"])}
    for _ in range(2):
        answer = client.post(step.headers["Location"], form)
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert TermsAcceptance.objects.count() == 1


# --- two tabs -----------------------------------------------------------------------------------


def test_a_second_tab_of_the_same_person_goes_on(account: Account) -> None:
    client = browser()
    first = ticket_of(client)
    second = ticket_of(client, f"{DOOR}?next=/mon-compte/")
    assert send(client, first).status_code == 303
    sessions = Session.objects.count()
    answer = send(client, second, path=f"{DOOR}?next=/mon-compte/", login="Manon.ÉLEVE")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mon-compte/")
    assert Session.objects.count() == sessions
    assert AuditEvent.objects.filter(act="account:sign-in:success").count() == 1


def test_a_second_tab_of_the_same_person_reaches_its_service(account: Account) -> None:
    """Nothing was proved by that form: the ticket is none of a new sign-in."""
    make_service()
    client = browser()
    path = f"/cas/login?service={quote(APP, safe='')}"
    second = ticket_of(client, f"{path}&guichet=autres-comptes")
    assert send(client, ticket_of(client)).status_code == 303
    answer = send(client, second, path=f"{path}&guichet=autres-comptes")
    assert answer.headers["Location"] == path
    body = validate(ticket_in(client.get(path)))
    assert user_of(body)
    assert "<cas:isFromNewLogin>false</cas:isFromNewLogin>" in body


def test_a_second_tab_that_is_asked_for_a_proof_asks_again(account: Account) -> None:
    make_service()
    client = browser()
    path = f"/cas/login?service={quote(APP, safe='')}&renew=true&guichet=autres-comptes"
    second = ticket_of(client, path)
    assert send(client, ticket_of(client)).status_code == 303
    answer = send(client, second, path=path)
    assert answer.status_code == 403
    assert b'name="password"' in answer.content


def test_a_second_tab_of_somebody_else_does_nothing_and_says_who_is_signed_in(
    account: Account,
) -> None:
    client = browser()
    first, second = ticket_of(client), ticket_of(client)
    assert send(client, first).status_code == 303
    answer = send(client, second, login="lou.autre")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Vous êtes connecté" in page
    assert "Manon Eleve" in page
    assert LATE not in page
    assert who(client) == account.login


def test_the_button_of_an_academy_in_a_second_tab_says_who_is_signed_in(account: Account) -> None:
    door = academic_door(make.make_authority(), "https://cas.example/")
    client = browser()
    path = f"/connexion/{door.code}/?next=/mon-compte/"
    second = ticket_of(client, path)
    assert send(client, ticket_of(client)).status_code == 303
    answer = client.post(path, {"csrfmiddlewaretoken": second})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Vous êtes connecté" in page
    assert 'href="/mon-compte/"' in page


# --- signing out --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}]
)
def test_the_button_of_an_old_tab_signs_out(headers: dict[str, str], account: Account) -> None:
    client = browser()
    old = ticket_of(client)
    send(client, ticket_of(client))
    answer = client.post("/deconnexion/", {"csrfmiddlewaretoken": old}, headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/deconnexion/terminee/")
    assert who(client) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_nobody_elses_page_signs_somebody_out(headers: dict[str, str], account: Account) -> None:
    """T-B7."""
    client = browser()
    send(client, ticket_of(client))
    assert client.post("/deconnexion/", headers=headers).status_code == 403
    assert who(client) == account.login


@pytest.mark.parametrize("has_cookies", [True, False])
def test_a_sign_out_of_nobody_says_that_one_is_signed_out(
    has_cookies: bool, account: Account
) -> None:
    client = browser()
    if has_cookies:
        ticket_of(client)
    answer = client.post("/deconnexion/", {"csrfmiddlewaretoken": "perime"}, follow=True)
    assert answer.status_code == 200
    assert "Vous êtes déconnecté" in answer.content.decode()


def test_the_page_of_signed_out_does_not_say_so_to_who_is_signed_in(account: Account) -> None:
    client = browser()
    send(client, ticket_of(client))
    page = client.get("/deconnexion/terminee/").content.decode()
    assert "Vous êtes déconnecté" not in page
    assert "Manon Eleve" in page


# --- without cookies ----------------------------------------------------------------------------

FORMS = [
    DOOR,
    "/connexion/",
    "/connexion/mot-de-passe-oublie/",
    "/connexion/identifiant-oublie/",
    "/connexion/?guichet=autres-comptes",
    "/cas/login?guichet=autres-comptes",
]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_sent_without_any_cookie_names_the_cookies(path: str, account: Account) -> None:
    client = browser()
    ticket = ticket_of(client, path)
    answer = send(browser(), ticket, path=path)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "aucun cookie" in page
    assert LATE not in page


def test_the_button_of_an_academy_names_them_too() -> None:
    door = academic_door(make.make_authority(), "https://cas.example/")
    ticket = ticket_of(browser(), f"/connexion/{door.code}/")
    answer = browser().post(f"/connexion/{door.code}/", {"csrfmiddlewaretoken": ticket})
    assert answer.status_code == 403
    assert "aucun cookie" in answer.content.decode()


def test_an_old_form_of_a_browser_with_cookies_names_its_age(account: Account) -> None:
    client = browser()
    ticket_of(client)
    answer = send(client, ticket_of(browser()))
    assert answer.status_code == 403
    assert LATE in answer.content.decode()
    assert settings.SESSION_COOKIE_NAME not in client.cookies
