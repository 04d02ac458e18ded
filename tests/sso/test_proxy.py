"""Proxy tickets: off unless the service's record allows them (T-E11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from lxml import etree

from accounts.models import Account, Session
from accounts.sessions import ABSOLUTE_LIMIT
from directory.enums import Role
from directory.models import Person
from sso import outbound, proxies, registry
from sso.enums import AddressUse, RequiredStrength
from sso.models import ProxyGrant, Service, Ticket
from tests import factories as make
from tests.sso.kit import APP, CAS, Browser, add_address, code_of, make_service, user_of, validate

BrowserOf = Callable[[Person | None], Browser]
CALLBACK = "https://app.example.fr/pgt"
BEHIND = "https://derriere.example.fr/"


class Callbacks:
    """What the service's callback was sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.status = 200
        monkeypatch.setattr(proxies, "get_status", self.get)

    def get(self, address: str) -> int:
        self.asked.append(address)
        return self.status

    @property
    def grant(self) -> str:
        return parse_qs(urlsplit(self.asked[-1]).query)["pgtId"][0]

    @property
    def iou(self) -> str:
        return parse_qs(urlsplit(self.asked[-1]).query)["pgtIou"][0]


@pytest.fixture
def callbacks(monkeypatch: pytest.MonkeyPatch) -> Callbacks:
    return Callbacks(monkeypatch)


def make_pair() -> tuple[Service, Service]:
    front = make_service(may_proxy=True)
    add_address(front, CALLBACK, AddressUse.PROXY_CALLBACK)
    behind = make_service(BEHIND, code="derriere")
    behind.allowed_proxies.add(front)
    registry.forget()
    return front, behind


def proxy_ticket(grant: str, target: str = BEHIND, **more: str) -> str:
    query = {"pgt": grant, "targetService": target, **more}
    return Client().get("/cas/proxy", query).content.decode()


def ticket_of(body: str) -> str:
    found = etree.fromstring(body.encode()).findtext(".//cas:proxyTicket", namespaces=CAS)
    assert found, body
    return str(found)


def test_a_service_acts_for_somebody_at_another(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    body = validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    assert callbacks.iou in body
    assert callbacks.grant not in body
    ticket = ticket_of(proxy_ticket(callbacks.grant))
    assert ticket.startswith("PT-")
    body = validate(ticket, BEHIND, "p3/proxyValidate")
    assert user_of(body)
    assert etree.fromstring(body.encode()).findtext(".//cas:proxy", namespaces=CAS) == CALLBACK
    assert code_of(validate(ticket, BEHIND, "proxyValidate")) == "INVALID_TICKET"


def test_acting_for_somebody_is_no_way_round_the_proof_that_a_service_requires(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    """R-C6: the session itself must have proved the key."""
    _, behind = make_pair()
    Service.objects.filter(pk=behind.pk).update(required_strength=RequiredStrength.KEY)
    registry.forget()
    browser = browser_of(pupil)
    validate(browser.ticket(), pgtUrl=CALLBACK)
    refused = proxy_ticket(callbacks.grant)
    assert 'code="UNAUTHORIZED_SERVICE"' in refused
    assert "PT-" not in refused
    session = browser.client.session
    session["methods"] = ["academie", "cle-otp"]
    session.save()
    assert ticket_of(proxy_ticket(callbacks.grant)).startswith("PT-")


def test_a_proxy_ticket_is_refused_by_service_validate_and_dies(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    """T-E3."""
    make_pair()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    ticket = ticket_of(proxy_ticket(callbacks.grant))
    assert code_of(validate(ticket, BEHIND)) == "INVALID_TICKET_SPEC"
    assert code_of(validate(ticket, BEHIND, "proxyValidate")) == "INVALID_TICKET"


def test_a_service_without_that_right_gets_no_grant(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    service = make_service()
    add_address(service, CALLBACK, AddressUse.PROXY_CALLBACK)
    body = validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    assert code_of(body) == "UNAUTHORIZED_SERVICE_PROXY"
    assert not callbacks.asked


@pytest.mark.parametrize(
    "callback",
    [
        "http://app.example.fr/pgt",
        "https://app.example.fr/entree",
        "https://evil.example/pgt",
        "https://app.example.fr/pgt/../x",
        "https://app.example.fr@evil.example/pgt",
        "https://127.0.0.1/pgt",
        "x",
    ],
)
def test_only_a_registered_https_callback_is_called(
    callback: str, pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    body = validate(browser_of(pupil).ticket(), pgtUrl=callback)
    assert code_of(body) == "INVALID_PROXY_CALLBACK"
    assert not callbacks.asked


@pytest.mark.parametrize("status", [0, 302, 404, 500])
def test_a_callback_that_does_not_answer_200_gets_no_grant(
    status: int, pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    callbacks.status = status
    body = validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    assert code_of(body) == "INVALID_PROXY_CALLBACK"
    assert not ProxyGrant.objects.exists()


def test_a_callback_of_another_service_is_not_ones_own(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    other = make_service("https://autre.example.fr/", code="autre")
    add_address(other, "https://autre.example.fr/pgt", AddressUse.PROXY_CALLBACK)
    body = validate(browser_of(pupil).ticket(), pgtUrl="https://autre.example.fr/pgt")
    assert code_of(body) == "INVALID_PROXY_CALLBACK"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("", "INVALID_REQUEST"),
        ("https://inconnu.example/", "UNAUTHORIZED_SERVICE"),
        (APP, "UNAUTHORIZED_SERVICE_PROXY"),
    ],
)
def test_the_errors_of_proxy_stand_inside_proxy_failure(
    target: str, code: str, pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    body = proxy_ticket(callbacks.grant, target)
    assert f'<cas:proxyFailure code="{code}">' in body
    as_json = json.loads(proxy_ticket(callbacks.grant, target, format="JSON"))
    assert as_json["serviceResponse"]["proxyFailure"]["code"] == code


@pytest.mark.parametrize("grant", ["PGT-x", "é", "PGT-" + "A" * 5000])
def test_an_unknown_grant_is_an_invalid_ticket(grant: str, db: None) -> None:
    make_pair()
    assert '<cas:proxyFailure code="INVALID_TICKET">' in proxy_ticket(grant)


def test_a_grant_dies_at_sign_out(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    browser = browser_of(pupil)
    validate(browser.ticket(), pgtUrl=CALLBACK)
    assert ticket_of(proxy_ticket(callbacks.grant))
    browser.client.get("/cas/logout")
    assert '<cas:proxyFailure code="INVALID_TICKET">' in proxy_ticket(callbacks.grant)


@pytest.mark.parametrize(
    ("role", "silent_for", "is_over"),
    [
        (None, timedelta(minutes=59), False),
        (None, timedelta(minutes=61), True),
        (Role.SCHOOL_ADMINISTRATOR, timedelta(minutes=29), False),
        (Role.SCHOOL_ADMINISTRATOR, timedelta(minutes=31), True),
    ],
)
def test_a_grant_dies_with_its_session_idle_limit(
    role: Role | None,
    silent_for: timedelta,
    is_over: bool,
    pupil: Person,
    browser_of: BrowserOf,
    callbacks: Callbacks,
) -> None:
    """T-B3, before the sweep has found the session: the row alone proves nothing."""
    make_pair()
    if role is not None:
        make.give_role(person=pupil, role=role, school=pupil.main_school)
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    Session.objects.update(last_seen_at=timezone.now() - silent_for)
    body = proxy_ticket(callbacks.grant)
    assert ('code="INVALID_TICKET"' in body) == is_over
    assert Ticket.objects.filter(kind="PT").exists() != is_over


@pytest.mark.parametrize("what", ["age", "epoch"])
def test_a_grant_dies_with_its_sessions_other_ends(
    what: str, pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    if what == "age":
        Session.objects.update(created_at=timezone.now() - ABSOLUTE_LIMIT)
    else:
        Account.objects.update(epoch=F("epoch") + 1)
    assert 'code="INVALID_TICKET"' in proxy_ticket(callbacks.grant)


def test_a_role_that_requires_a_second_factor_holds_for_grants_too(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    """R-B7: received a moment ago, it stops the tickets of the browser and of services alike."""
    make_pair()
    browser = browser_of(pupil)
    validate(browser.ticket(), pgtUrl=CALLBACK)
    make.give_role(person=pupil, role=Role.ENT_ADMINISTRATOR)
    assert browser.login().headers["Location"].startswith("/premiers-pas/")
    refused = proxy_ticket(callbacks.grant)
    assert '<cas:proxyFailure code="UNAUTHORIZED_SERVICE">' in refused
    assert "sign in again" in refused
    session = browser.client.session
    session["methods"] = ["mot-de-passe", "totp"]
    session.save()
    assert ticket_of(proxy_ticket(callbacks.grant)).startswith("PT-")


def test_who_may_not_open_the_target_gets_no_proxy_ticket(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    _, behind = make_pair()
    behind.audiences.all().delete()
    registry.forget()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    assert '<cas:proxyFailure code="UNAUTHORIZED_SERVICE">' in proxy_ticket(callbacks.grant)


def test_the_way_out_is_short() -> None:
    assert outbound.CONNECT_SECONDS <= 2
    assert outbound.READ_SECONDS <= 3
