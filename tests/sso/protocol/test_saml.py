"""SAML 1.1 validation: a SOAP message in, one out, whatever comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.test import Client, override_settings
from lxml import etree

from directory.models import Person
from sso.enums import AttributeSource
from sso.models import ReleasedAttribute, ServiceIdentifier
from tests.sso.kit import APP, Browser, make_service

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

BrowserOf = Callable[[Person | None], Browser]
SAML = {
    "p": "urn:oasis:names:tc:SAML:1.0:protocol",
    "a": "urn:oasis:names:tc:SAML:1.0:assertion",
}
ENVELOPE = (
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">'
    '<SOAP-ENV:Header/><SOAP-ENV:Body><samlp:Request xmlns:samlp="{p}" MajorVersion="1"'
    ' MinorVersion="1" RequestID="_r1" IssueInstant="2026-11-25T00:00:00Z">'
    "<samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact></samlp:Request>"
    "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)


def ask(body: str | bytes, target: str = APP, host: str = "testserver") -> TestResponse:
    return Client(enforce_csrf_checks=True, headers={"host": host}).post(
        f"/cas/samlValidate?TARGET={quote(target, safe='')}", body, content_type="text/xml"
    )


def request_for(ticket: str) -> str:
    return ENVELOPE.format(p=SAML["p"], ticket=ticket)


def found_in(answer: TestResponse, path: str) -> etree._Element:
    found = etree.fromstring(answer.content).find(path, SAML)
    assert found is not None
    return found


def status_of(answer: TestResponse) -> str:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    return str(found_in(answer, ".//p:StatusCode").get("Value"))


def test_an_artifact_becomes_an_assertion(pupil: Person, browser_of: BrowserOf) -> None:
    service = make_service()
    ReleasedAttribute.objects.create(
        service=service, name="nom", source=AttributeSource.FAMILY_NAME
    )
    answer = ask(request_for(browser_of(pupil).ticket()))
    assert status_of(answer) == "samlp:Success"
    root = etree.fromstring(answer.content)
    names = {element.text for element in root.iterfind(".//a:NameIdentifier", SAML)}
    assert names == {ServiceIdentifier.objects.get(person=pupil).value}
    attribute = found_in(answer, ".//a:Attribute[@AttributeName='nom']/a:AttributeValue")
    assert attribute.text == "Élève"
    assert found_in(answer, ".//p:Response").get("InResponseTo") == "_r1"
    assert root.findtext(".//a:Audience", namespaces=SAML) == APP


def test_the_issuer_is_the_configured_address_whatever_host_was_asked(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    for host in ("testserver", "localhost"):
        with override_settings(PUBLIC_BASE_URL="https://ent.example.fr"):
            answer = ask(request_for(browser_of(pupil).ticket()), host=host)
        assert found_in(answer, ".//a:Assertion").get("Issuer") == "https://ent.example.fr/cas"


def test_it_serves_once_and_dies_of_another_target(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    ticket = browser_of(pupil).ticket()
    assert status_of(ask(request_for(ticket), f"{APP}?x")) == "samlp:RequestDenied"
    assert status_of(ask(request_for(ticket))) == "samlp:RequestDenied"


def test_no_attributes_over_http(pupil: Person, browser_of: BrowserOf) -> None:
    plain = "http://pronote.example/eleve.html"
    service = make_service(plain)
    ReleasedAttribute.objects.create(
        service=service, name="nom", source=AttributeSource.FAMILY_NAME
    )
    answer = ask(request_for(browser_of(pupil).ticket(plain)), plain)
    assert status_of(answer) == "samlp:Success"
    assert "Élève" not in answer.content.decode()


_BOMB = (
    '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
HOSTILE: list[str | bytes] = [
    "",
    "x",
    "<a>",
    b"\xff\xfe\x00",
    "<a/>",
    _BOMB + request_for("&c;"),
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + request_for("&x;"),
    request_for("&x;"),
    request_for(""),
    request_for("<![CDATA[ST-1]]>"),
    request_for("ST-1").replace("1.0:protocol", "9.9:protocol"),
    "<a>" * 5000,
    request_for("A" * 70_000),
    request_for("ST-1").encode("utf-16"),
    '<?xml version="1.0" encoding="no-such"?>' + request_for("ST-1"),
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_or_malformed_messages_are_a_saml_error(body: str | bytes, db: None) -> None:
    """T-H3, T-H4: never a 500, nothing resolved, nothing fetched."""
    answer = ask(body)
    assert status_of(answer) in {"samlp:Requester", "samlp:RequestDenied"}
    assert b"root:" not in answer.content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_a_document_type_is_refused_in_any_encoding(
    encoding: str, pupil: Person, browser_of: BrowserOf
) -> None:
    """Whoever looks for « <! » in the bytes finds it in UTF-8 only."""
    make_service()
    ticket = browser_of(pupil).ticket()
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = declared + '<!DOCTYPE r [<!ENTITY x "y">]>' + request_for(ticket)
    assert status_of(ask(body.encode(encoding))) == "samlp:Requester"
    assert status_of(ask(request_for(ticket))) == "samlp:Success"


def test_a_target_with_markup_is_escaped(db: None) -> None:
    answer = ask(request_for("ST-1"), 'https://x.example/"><b>&')
    assert status_of(answer) == "samlp:RequestDenied"


def test_reading_is_not_a_validation(db: None) -> None:
    assert Client().get("/cas/samlValidate").status_code == 405
