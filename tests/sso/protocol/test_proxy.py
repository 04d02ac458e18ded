"""Proxy tickets: off unless the service's record allows them (T-E11)."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from lxml import etree

from directory.models import Person
from signin.sessions.models import Session
from signin.sessions.store import ABSOLUTE_LIMIT
from sso import outbound
from sso.catalogue import registry
from sso.enums import AddressUse, RequiredStrength
from sso.models import ProxyGrant, Service, Ticket
from tests.sso.kit import APP, CAS, Browser, add_address, code_of, make_service, user_of, validate
from tests.sso.proxying import BEHIND, CALLBACK, Callbacks, make_pair, proxy_ticket, ticket_of
from tests.sso.realm_kits import RealmKit
from tests.sso.services import service

BrowserOf = Callable[[Person | None], Browser]


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
    ("silent_for", "is_over"), [(timedelta(minutes=59), False), (timedelta(minutes=61), True)]
)
def test_a_grant_dies_with_its_session_idle_limit(
    silent_for: timedelta,
    is_over: bool,
    pupil: Person,
    browser_of: BrowserOf,
    callbacks: Callbacks,
) -> None:
    """T-B3, before the sweep has found the session: the row alone proves nothing."""
    make_pair()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    Session.objects.update(last_seen_at=timezone.now() - silent_for)
    body = proxy_ticket(callbacks.grant)
    assert ('code="INVALID_TICKET"' in body) == is_over
    assert Ticket.objects.filter(kind="PT").exists() != is_over


def test_a_grant_dies_with_its_sessions_age(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks
) -> None:
    make_pair()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    Session.objects.update(created_at=timezone.now() - ABSOLUTE_LIMIT)
    assert 'code="INVALID_TICKET"' in proxy_ticket(callbacks.grant)


def test_a_grant_of_another_realm_is_nothing_here(
    pupil: Person, browser_of: BrowserOf, callbacks: Callbacks, realm: RealmKit
) -> None:
    make_pair()
    validate(browser_of(pupil).ticket(), pgtUrl=CALLBACK)
    ProxyGrant.objects.update(realm=realm.other)
    assert 'code="INVALID_TICKET"' in proxy_ticket(callbacks.grant)


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


def test_a_callback_whose_certificate_nobody_vouches_for_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-E11: the real way out, against a server that signed its own certificate."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with service(tls=tls) as told:
        address = f"https://localhost:{told.port}/pgt"
        assert outbound.get_status(address) == 0
        assert not told.paths
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert outbound.get_status(address) == 200
