"""The academy ends a session that its ticket opened, and nothing else ever does (T-E7)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account, Door, DoorSession
from directory.models import School
from ent.audit.models import AuditEvent
from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.academy import (
    StandIn,
    academic_account,
    academic_door,
    come_back,
    leave,
    who,
)
from tests.accounts.signing import sign_in

pytestmark = pytest.mark.django_db

XMLNS = "xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'"


def logout_request(ticket: str, prolog: str = "") -> str:
    return (
        f"{prolog}<samlp:LogoutRequest {XMLNS} xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'"
        " ID='LR-1' Version='2.0' IssueInstant='2026-11-25T08:00:00Z'>"
        "<saml:NameID>@NOT_USED@</saml:NameID>"
        f"<samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    )


def post(door: Door, body: str, **headers: str) -> int:
    """As the academy posts: no cookie, no token."""
    academy = Client(enforce_csrf_checks=True)
    answer = academy.post(f"/guichet/{door.code}/", {"logoutRequest": body}, **headers)  # type: ignore[arg-type]
    assert answer.content == b""
    return answer.status_code


@pytest.fixture
def inside(client: Client, academy: StandIn, door: Door, account: Account) -> Client:
    leave(client, door)
    academy.issue("ST-mine", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-mine")
    return client


@pytest.mark.parametrize("prolog", ["", '<?xml version="1.0" encoding="UTF-8"?>\n', "\n  "])
def test_the_ticket_of_a_session_ends_it(
    inside: Client, door: Door, account: Account, prolog: str
) -> None:
    assert who(inside) == account.login
    assert post(door, logout_request(" ST-mine\n", prolog)) == 204
    assert who(inside) is None
    assert not DoorSession.objects.exists()
    event = AuditEvent.objects.get(act="account:signed-out:door")
    assert event.details == {"door": door.code}


HOSTILE = [
    "",
    "ST-mine",
    "<",
    "<?xml version='1.0'?>",
    logout_request("ST-other"),
    logout_request(""),
    logout_request("ST-mine").replace("LogoutRequest", "LogoutResponse"),
    logout_request("ST-mine").replace(":SAML:2.0:protocol", ":other"),
    logout_request("&x;", "<!DOCTYPE a [<!ENTITY x 'ST-mine'>]>"),
    logout_request("&x;", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"),
    logout_request("ST-mine", "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'>"),
    logout_request("&b;", "<!DOCTYPE a [<!ENTITY a 'ST-mineST-mine'><!ENTITY b '&a;&a;&a;'>]>"),
    logout_request("ST-mine", "<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///dev/zero'> %p;]>"),
    logout_request("ST-mine", '<?xml version="1.0" encoding="nothing"?>'),
    logout_request("ST-mine</samlp:SessionIndex>"),
    logout_request("<b>ST-mine</b>"),
    logout_request("ST-mi\x00ne"),
    "<a>" * 3000 + "ST-mine",
    "<a b='" + "x" * 20_000 + "'/>",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_anything_else_is_204_and_touches_nobody(
    inside: Client, door: Door, account: Account, body: str
) -> None:
    before = Session.objects.count()
    assert post(door, body) in {204, 400}  # 400: a NUL is refused before any view
    assert who(inside) == account.login
    assert Session.objects.count() == before


def test_other_shapes_of_the_request_are_harmless(inside: Client, door: Door) -> None:
    address = f"/guichet/{door.code}/"
    academy = Client(enforce_csrf_checks=True)
    for content_type, body in [
        ("application/json", "{}"),
        ("text/xml", logout_request("ST-mine")),
        ("multipart/form-data; boundary=x", "--x\r\nrubbish"),
        ("application/x-www-form-urlencoded", "logoutRequest=%ff%fe"),
    ]:
        assert academy.post(address, body, content_type=content_type).status_code in {204, 400}
    assert who(inside) is not None


def test_the_ticket_of_another_academy_ends_nothing(
    inside: Client, academy: StandIn, account: Account
) -> None:
    other = academic_door(make.make_authority(code="REIMS"), academy.url)
    assert post(other, logout_request("ST-mine")) == 204
    assert who(inside) == account.login


def test_only_the_named_session_ends(
    inside: Client, academy: StandIn, door: Door, account: Account
) -> None:
    school = School.objects.get(authority=door.authority)
    colleague = academic_account(school, email="b@ac.example", name="Bob")
    second, third = Client(), Client()
    leave(second, door)
    academy.issue("ST-two", "bob", mail="b@ac.example")
    come_back(second, door, "ST-two")
    local = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(third, local.login, make.PASSWORD)
    assert post(door, logout_request("ST-mine")) == 204
    assert post(door, logout_request("ST-mine")) == 204
    assert (who(inside), who(second), who(third)) == (None, colleague.login, local.login)


def test_the_service_tells_no_stranger_whether_a_ticket_exists(inside: Client, door: Door) -> None:
    academy = Client()
    address = f"/guichet/{door.code}/"
    unknown = academy.post(address, {"logoutRequest": logout_request("ST-x")})
    known = academy.post(address, {"logoutRequest": logout_request("ST-mine")})
    for answer in (unknown, known):
        del answer.headers["Expires"]  # the second of the answer
    assert dict(unknown.headers) == dict(known.headers)


def test_a_service_that_signs_its_visitor_out_makes_the_academy_ask_again_too(
    inside: Client, door: Door
) -> None:
    """R-B9: whoever signs out in a service leaves nobody signed in on a shared computer."""
    answer = inside.get("/cas/logout")
    assert answer.headers["Location"] == f"/connexion/{door.code}/quitter/"
    assert who(inside) is None
    assert "renew=true" in leave(inside, door)
