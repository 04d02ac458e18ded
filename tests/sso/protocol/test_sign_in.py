"""`/cas/login`, line by line of the checklist (3-cas 1.2, « Sign-in »)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from lxml import html

from directory.models import Person
from sso.enums import RequiredStrength
from sso.models import LogoutNotice, Service, Ticket
from tests import factories as make
from tests.sso.kit import APP, Browser, make_service, ticket_in, user_of, validate
from tests.sso.realm_kits import RealmKit

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

BrowserOf = Callable[[Person | None], Browser]
FORM = {"username": "manon.eleve", "password": make.PASSWORD}


def in_place(realm: RealmKit) -> dict[str, str]:
    """The parameter of the form on `/cas/login` itself."""
    name, _, value = realm.in_place.partition("=")
    return {name: value}


def first_form(answer: TestResponse, which: str = "") -> html.HtmlElement:
    form = html.fromstring(answer.content.decode()).find(f".//form{which}")
    assert form is not None
    return form


HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "https:app.example.fr/entree",
    "https:///app.example.fr/entree",
    "https://app.example.fr@evil.example/entree",
    "https://user:pw@app.example.fr/entree",
    "https://app.example.fr\\@evil.example/entree",
    "https://app.example.fr.evil.example/entree",
    "https://app.example.fr./entree",
    "https://evil-app.example.fr/entree",
    "https://app.example.fr:8443/entree",
    "https://app.example.fr:/entree",
    "https://app.example.fr:443a/entree",
    "http://app.example.fr/entree",
    "ftp://app.example.fr/entree",
    "javascript://app.example.fr/%0aalert(1)",
    "https://app.example.fr/entree/../admin",
    "https://app.example.fr/entree/%2e%2e/admin",
    "https://app.example.fr/entree/%252e%252e/admin",
    "https://app.example.fr/entree/..;/admin",
    "https://app.example.fr/entree/..%2fadmin",
    "https://app.example.fr/entree/..%5cadmin",
    "https://app.example.fr/entreeX",
    "https://app.example.fr/autre",
    "https://app.example.fr%2fentree.evil.example/",
    "https://app.example.fr\r\nSet-Cookie: a=b/entree",
    "https://app.example.fr/entree\r\nX: y",
    "https://app.example.fr/\tentree",
    "\thttps://app.example.fr/entree",
    " https://app.example.fr/entree",
    "https://аpp.example.fr/entree",
    "https://xn--pp-6kc.example.fr/entree",
    "https://app.example.fr#@evil.example/entree",
    "https://[::1]/entree",
    "https://[app.example.fr/entree",
    "https://0x7f000001/entree",
    "data:text/html,<script>alert(1)</script>",
    "https://app。example.fr/entree",
    "https%253A%252F%252Fapp.example.fr/entree",
]


@pytest.mark.parametrize("parameters", [{}, {"gateway": "true"}, {"method": "POST"}])
@pytest.mark.parametrize("is_signed_in", [False, True])
def test_an_unregistered_address_is_refused_before_credentials(
    is_signed_in: bool, parameters: dict[str, str], pupil: Person, browser_of: BrowserOf
) -> None:
    """T-B6: a message, never a redirect, never a ticket, whoever asks."""
    make_service()
    browser = browser_of(pupil if is_signed_in else None)
    for address in HOSTILE:
        answer = browser.login(address, **parameters)
        assert answer.status_code in {400, 403}, address
        assert "Location" not in answer.headers
        assert b'name="password"' not in answer.content
    assert not Ticket.objects.exists()


def test_the_page_of_an_unregistered_service_says_so(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    answer = browser_of(None).login("https://inconnu.example/", **in_place(realm))
    assert answer.status_code == 403
    assert "n’est pas enregistré" in answer.content.decode()


def test_the_form_is_the_pages_first_and_keeps_the_whole_query(
    pupil: Person, realm: RealmKit
) -> None:
    """What clients that read the page rely on (4-pronote, part 2)."""
    make_service()
    path = f"/cas/login?service={quote(APP + '?a=1&b=2', safe='')}&{realm.in_place}"
    answer = Client().get(path)
    assert "no-store" in answer.headers["Cache-Control"]
    form = first_form(answer)
    assert form.get("action") == path
    names = [field.get("name") for field in form.iterfind(".//input")]
    assert None not in names
    assert {"username", "password"} <= set(names)


def test_a_wrong_password_gives_the_form_again_and_no_ticket(
    pupil: Person, realm: RealmKit
) -> None:
    make_service()
    path = f"/cas/login?service={APP}&{realm.in_place}"
    answer = Client().post(path, {**FORM, "password": "mauvais"})
    assert answer.status_code == 200
    assert "incorrect" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_forged_post_is_refused(pupil: Person, realm: RealmKit) -> None:
    make_service()
    client = Client(enforce_csrf_checks=True)
    path = f"/cas/login?service={APP}&{realm.in_place}"
    assert client.post(path, FORM).status_code == 403
    assert not Ticket.objects.exists()


def test_the_session_is_new_at_sign_in(pupil: Person, realm: RealmKit) -> None:
    make_service()
    client = Client()
    client.get(realm.sign_in_page)
    path = f"/cas/login?service={APP}&{realm.in_place}"
    first = client.post(path, FORM).cookies[settings.SESSION_COOKIE_NAME].value
    second = client.post(path, FORM).cookies[settings.SESSION_COOKIE_NAME].value
    assert first != second


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("?b=2&a=1&a=&b", "?b=2&a=1&a=&b&ticket="),
        ("?", "?ticket="),
        ("?a=1&", "?a=1&ticket="),
        ("?x=%C3%A9%20%2F#haut", "?x=%C3%A9%20%2F&ticket="),
        ("#/route?x", "?ticket="),
    ],
)
def test_the_ticket_follows_the_query_byte_for_byte(
    address: str, expected: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    answer = browser_of(pupil).login(APP + address)
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location.startswith(f"{APP}{expected}ST-")
    fragment = address.partition("#")[2]
    assert location.endswith(f"#{fragment}") if fragment else "#" not in location
    assert "no-store" in answer.headers["Cache-Control"]
    assert user_of(validate(ticket_in(answer), APP + address))


class TestGateway:
    """« gateway » asks nothing of anybody."""

    def test_without_session_back_without_ticket(self, browser_of: BrowserOf, db: None) -> None:
        make_service()
        answer = browser_of(None).login(gateway="true")
        assert (answer.status_code, answer.headers["Location"]) == (303, APP)

    def test_with_a_session_a_ticket(self, pupil: Person, browser_of: BrowserOf) -> None:
        make_service()
        assert browser_of(pupil).ticket(gateway="true")

    def test_without_service_the_way_to_sign_in(
        self, browser_of: BrowserOf, db: None, realm: RealmKit
    ) -> None:
        answer = browser_of(None).login("", gateway="true")
        assert answer.headers["Location"] == realm.sign_in_page

    def test_false_is_not_gateway(self, browser_of: BrowserOf, db: None, realm: RealmKit) -> None:
        make_service()
        assert (
            browser_of(None)
            .login(gateway="false")
            .headers["Location"]
            .startswith(realm.sign_in_page)
        )

    def test_somebody_without_right_goes_back_too(
        self, pupil: Person, browser_of: BrowserOf
    ) -> None:
        make_service(is_for_all=False)
        assert browser_of(pupil).login(gateway="true").headers["Location"] == APP


class TestRenew:
    """« renew » asks again, and beats gateway."""

    @pytest.mark.parametrize("value", ["true", "", "1", "yes"])
    def test_it_asks_although_signed_in(
        self, value: str, pupil: Person, browser_of: BrowserOf, realm: RealmKit
    ) -> None:
        make_service()
        answer = browser_of(pupil).login(renew=value, gateway="true")
        assert answer.status_code == 302
        assert (realm.sign_in_page in answer.headers["Location"]) or answer.headers[
            "Location"
        ].endswith(realm.in_place)
        assert not Ticket.objects.exists()

    def test_false_is_not_renew(self, pupil: Person, browser_of: BrowserOf) -> None:
        make_service()
        assert browser_of(pupil).ticket(renew="false")

    def test_the_door_of_the_session_asks_again_in_place(
        self, pupil: Person, realm: RealmKit
    ) -> None:
        make_service()
        client = Client()
        client.post(realm.form_page, FORM)
        asked = client.get(f"/cas/login?service={APP}&renew=true")
        assert asked.headers["Location"].endswith(realm.in_place)
        page = client.get(asked.headers["Location"])
        assert b'name="password"' in page.content
        ticket = ticket_in(client.post(asked.headers["Location"], FORM))
        assert user_of(validate(ticket, renew="true"))

    def test_the_same_person_keeps_the_services_that_are_open(
        self, pupil: Person, realm: RealmKit
    ) -> None:
        """A proof asked again ends nothing; the sign-out reaches both services later."""
        make_service()
        other = "https://autre.example.fr/"
        make_service(other, code="autre")
        client = Client()
        client.post(realm.form_page, FORM)
        browser, sign_on = Browser(client), client.session["sign_on"]
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        validate(browser.ticket())
        asked = browser.login(other, renew="true")
        ticket = ticket_in(client.post(asked.headers["Location"], FORM))
        assert user_of(validate(ticket, other, renew="true"))
        assert client.cookies[settings.SESSION_COOKIE_NAME].value != key
        assert client.session["sign_on"] == sign_on
        assert not LogoutNotice.objects.exists()
        client.get("/cas/logout")
        told = LogoutNotice.objects.values_list("address", flat=True)
        assert sorted(told) == [APP, other]

    def test_somebody_else_does_not(self, pupil: Person, realm: RealmKit) -> None:
        make_service()
        client = Client()
        client.post(realm.form_page, FORM)
        validate(Browser(client).ticket())
        realm.admit(make.make_person(school=pupil.main_school), "lou.autre")
        asked = Browser(client).login(renew="true")
        client.post(asked.headers["Location"], {**FORM, "username": "lou.autre"})
        assert LogoutNotice.objects.count() == 1

    def test_a_sign_in_serves_one_renew_only(self, pupil: Person, realm: RealmKit) -> None:
        make_service()
        client = Client()
        path = f"/cas/login?service={quote(APP, safe='')}&renew=true"
        client.post(f"{realm.form_page}?next={quote(path, safe='')}", FORM)
        assert client.get(path).status_code == 303
        assert client.get(path).status_code == 302

    def test_a_sign_in_whose_answer_never_came_is_no_renewal_hours_later(
        self, pupil: Person, realm: RealmKit
    ) -> None:
        make_service()
        client = Client()
        path = f"/cas/login?service={quote(APP, safe='')}&renew=true"
        client.post(f"{realm.form_page}?next={quote(path, safe='')}", FORM)
        session = client.session
        assert session["signed_in_for"] == path
        session["authenticated_at"] -= 3600
        session.save()
        assert client.get(path).status_code == 302

    def test_a_sign_in_for_something_else_is_no_renewal(
        self, pupil: Person, realm: RealmKit
    ) -> None:
        make_service()
        client = Client()
        client.post(f"{realm.form_page}?next=/accueil/", FORM)
        assert client.get(f"/cas/login?service={APP}&renew=true").status_code == 302

    def test_validation_refuses_a_ticket_of_an_older_sign_in(
        self, pupil: Person, browser_of: BrowserOf
    ) -> None:
        make_service()
        ticket = browser_of(pupil).ticket()
        assert "INVALID_TICKET" in validate(ticket, renew="true")
        assert "INVALID_TICKET" in validate(ticket)


@pytest.mark.parametrize("more", ["", "&renew=true", "&method=POST", "&warn=true", "&gateway=true"])
def test_a_head_request_gets_no_ticket_and_uses_nothing_up(
    more: str, pupil: Person, realm: RealmKit
) -> None:
    make_service()
    client = Client()
    path = f"/cas/login?service={quote(APP, safe='')}{more}"
    client.post(f"{realm.form_page}?next={quote(path, safe='')}", FORM)
    before = dict(client.session)
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Location" not in answer.headers
    assert not Ticket.objects.exists()
    assert dict(client.session) == before
    assert client.head("/cas/login?service=https://inconnu.example/").status_code == 403


def test_method_post_is_a_form_with_a_button(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    answer = browser_of(pupil).login(APP + "?a=1", method="POST")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    form = first_form(answer, "[@data-ent-submit]")
    assert form.get("action") == APP + "?a=1"
    assert form.find(".//button") is not None
    ticket = next(field.get("value") for field in form.iterfind(".//input[@name='ticket']"))
    assert user_of(validate(str(ticket), APP + "?a=1"))


def test_method_header_answers_in_headers(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    answer = browser_of(pupil).login(method="HEADER")
    assert answer.headers["service"] == APP
    assert user_of(validate(answer.headers["ticket"]))


def test_signed_in_without_service_a_page_says_so(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    answer = browser_of(pupil).login("")
    assert realm.signed_in_words in answer.content.decode()


def test_warn_puts_a_page_before_the_next_service(pupil: Person, realm: RealmKit) -> None:
    make_service()
    other = "https://autre.example.fr/"
    make_service(other, code="autre")
    client = Client()
    path = f"/cas/login?service={APP}&{realm.in_place}&warn=true"
    assert ticket_in(client.post(path, FORM))
    assert client.get(f"/cas/login?service={APP}&warn=true").status_code == 200
    asked = client.get(f"/cas/login?service={other}")
    assert asked.status_code == 200
    assert "Service autre" in asked.content.decode()
    answer = client.post(f"/cas/login?service={other}", {"continuer": "1"})
    assert user_of(validate(ticket_in(answer), other))


def test_the_warning_cannot_be_answered_from_elsewhere(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser_of(pupil).client.cookies
    answer = client.post(f"/cas/login?service={APP}", {"continuer": "1"})
    assert "ticket=" not in answer.headers["Location"]


def test_saml_clients_name_the_service_target(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    answer = browser_of(pupil).login("", TARGET=APP)
    assert ticket_in(answer, "SAMLart").startswith("ST-")


def test_pronotes_address_encoded_twice_opens_and_validates(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """Upper-case UAI in the host, « https:%2F%2F » left over (4-pronote, part 2)."""
    home = "https://0123456A.index-education.net/pronote/eleve.html"
    make_service("https://0123456a.index-education.net/pronote/")
    browser = browser_of(pupil)
    assert user_of(validate(browser.ticket(home), home))
    answer = browser.login(home.replace("/", "%2F"))
    assert answer.headers["Location"].startswith(f"{home}?ticket=")
    assert user_of(validate(ticket_in(answer), home))


# --- rights and strength -------------------------------------------------------------------------


def test_a_service_that_requires_the_key_leads_to_where_it_is_proved(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    """R-C6: a password alone opens nothing; a gateway goes back without ticket."""
    make_service(required_strength=RequiredStrength.KEY)
    browser = browser_of(pupil)
    answer = browser.login()
    assert answer.headers["Location"].startswith(f"{realm.strength_page}?exiger=cle-otp")
    assert "next=%2Fcas%2Flogin" in answer.headers["Location"]
    assert browser.login(gateway="true").headers["Location"] == APP
    assert not Ticket.objects.exists()


def test_a_session_that_proved_the_key_opens_it(pupil: Person, browser_of: BrowserOf) -> None:
    make_service(required_strength=RequiredStrength.KEY)
    browser = browser_of(pupil)
    session = browser.client.session
    session["methods"] = ["academie", "cle-otp"]
    session.save()
    assert browser.ticket()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_open": False}, "est fermé"),
        ({"opens_on": timezone.localdate() + timedelta(days=2)}, "pas encore ouvert"),
        ({"closes_on": timezone.localdate() - timedelta(days=1)}, "a fermé"),
    ],
)
def test_a_closed_service_says_so_before_credentials(
    fields: dict[str, Any], words: str, pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    make_service(contact="L’assistance du portail", **fields)
    for person in (None, pupil):
        answer = browser_of(person).login(**in_place(realm))
        assert answer.status_code == 403
        assert words in answer.content.decode()
        assert "L’assistance du portail" in answer.content.decode()
        assert b'name="password"' not in answer.content


def test_somebody_without_right_reads_why_and_whom_to_ask(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service(is_for_all=False, school=pupil.main_school)
    answer = browser_of(pupil).login()
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "pas ouvert à votre profil" in text
    assert "Collège du Parc" in text
    assert not Ticket.objects.exists()


def test_a_change_of_the_catalogue_is_seen_by_every_process(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """The version in the database tells; nothing but time has to pass."""
    service = make_service()
    browser = browser_of(pupil)
    assert browser.ticket()
    Service.objects.filter(pk=service.pk).update(is_open=False)
    assert browser.login().status_code == 403
