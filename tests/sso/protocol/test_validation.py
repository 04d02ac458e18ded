"""The back channel: every dialect, every error, what is released (3-cas 1.2, « Validation »)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from directory.models import Person
from sso.enums import AttributeFormat, AttributeSource, ProfileVocabulary
from sso.models import ReleasedAttribute, Service, ServiceIdentifier
from tests import factories as make
from tests.sso.kit import APP, CAS, Browser, code_of, make_service, user_of, validate
from tests.sso.realm_kits import RealmKit

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

BrowserOf = Callable[[Person | None], Browser]
PATHS = ["serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"]


def release(service: Service, name: str, source: AttributeSource, **fields: object) -> None:
    ReleasedAttribute.objects.create(service=service, name=name, source=source, **fields)


def attributes_of(body: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in etree.fromstring(body.encode()).iterfind(".//cas:attributes/*", CAS):
        found.setdefault(etree.QName(element).localname, []).append(element.text or "")
    return found


def test_version_one_is_two_lines(pupil: Person, browser_of: BrowserOf) -> None:
    service = make_service()
    ticket = browser_of(pupil).ticket()
    value = ServiceIdentifier.objects.filter(person=pupil, service=service)
    answer = Client().get("/cas/validate", {"ticket": ticket, "service": APP})
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == f"yes\n{value.get().value}\n"
    assert validate(ticket, path="validate") == "no\n"


@pytest.mark.parametrize("path", PATHS)
def test_versions_two_and_three_hold_the_protocols_attributes(
    path: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    query = {"ticket": browser_of(pupil).ticket(), "service": APP}
    answer = Client().get(f"/cas/{path}", query)
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert "no-store" in answer.headers["Cache-Control"]
    body = answer.content.decode()
    assert user_of(body)
    found = attributes_of(body)
    assert set(found) == {
        "authenticationDate",
        "isFromNewLogin",
        "longTermAuthenticationRequestTokenUsed",
    }
    assert found["isFromNewLogin"] == ["false"]
    assert found["longTermAuthenticationRequestTokenUsed"] == ["false"]


def test_a_session_that_an_academy_merely_remembered_is_as_old_as_itself(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """Nothing was typed here; services that look at the age do not read 1970."""
    make_service()
    browser = browser_of(pupil)
    session = browser.client.session
    session["authenticated_at"] = 0
    session.save()
    (said,) = attributes_of(validate(browser.ticket()))["authenticationDate"]
    age = timezone.now() - datetime.fromisoformat(said)
    assert age < timedelta(minutes=5)


@pytest.mark.parametrize("path", PATHS)
def test_a_posted_validation_is_a_validation(
    path: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    form = {"ticket": browser_of(pupil).ticket(), "service": APP}
    answer = Client(enforce_csrf_checks=True).post(f"/cas/{path}", form)
    assert user_of(answer.content.decode())


@pytest.mark.parametrize("written", ["JSON", "json"])
def test_json_says_the_same(written: str, pupil: Person, browser_of: BrowserOf) -> None:
    service = make_service()
    release(service, "nom", AttributeSource.FAMILY_NAME)
    ticket = browser_of(pupil).ticket()
    query = {"ticket": ticket, "service": APP, "format": written}
    answer = Client().get("/cas/p3/serviceValidate", query)
    assert answer.headers["Content-Type"] == "application/json"
    success = json.loads(answer.content)["serviceResponse"]["authenticationSuccess"]
    assert success["user"]
    assert success["attributes"]["nom"] == "Élève"
    assert success["attributes"]["isFromNewLogin"] is False
    failed = json.loads(validate(ticket, format=written))["serviceResponse"]
    assert failed["authenticationFailure"]["code"] == "INVALID_TICKET"
    assert failed["authenticationFailure"]["description"]


def test_an_unknown_format_is_an_invalid_request(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    body = validate(browser_of(pupil).ticket(), format="yaml")
    assert code_of(body) == "INVALID_REQUEST"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("missing", ["ticket", "service", "both"])
def test_a_missing_parameter_is_an_invalid_request(path: str, missing: str, db: None) -> None:
    query = {"ticket": "ST-1", "service": APP}
    if missing != "both":
        del query[missing]
    else:
        query.clear()
    assert code_of(Client().get(f"/cas/{path}", query).content.decode()) == "INVALID_REQUEST"


def test_names_are_escaped_and_control_characters_left_out(
    db: None, browser_of: BrowserOf, realm: RealmKit
) -> None:
    person = make.make_person(
        given_name="Zoé\x0b\x1f", family_name='Nom1 & <Fils> "d\'"', school=make.make_school()
    )
    realm.admit(person, "zoe.nom")
    service = make_service()
    release(service, "nom", AttributeSource.FAMILY_NAME)
    release(service, "prenom", AttributeSource.GIVEN_NAME)
    found = attributes_of(validate(browser_of(person).ticket()))
    assert found["nom"] == ['Nom1 & <Fils> "d\'"']
    assert found["prenom"] == ["Zoé"]


def test_without_contract_nothing_but_the_opaque_identifier_leaves(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    """T-E10."""
    make_service()
    body = validate(browser_of(pupil).ticket())
    for secret in (pupil.family_name, pupil.given_name, "manon", str(pupil.uuid)):
        assert secret not in body
    assert user_of(body) not in {str(pupil.pk), str(realm.principal(pupil))}


def test_a_contract_says_names_formats_and_words(
    db: None, browser_of: BrowserOf, realm: RealmKit
) -> None:
    """Pronote's recognition by attributes, an example of each kind."""
    school = make.make_school()
    person = make.make_person(
        given_name="Léa", family_name="Martin", school=school, birth_date=date(2012, 3, 4)
    )
    realm.admit(person, "lea.martin")
    make.put_in_group(person=person, group=make.make_class(school=school, code="4E3"))
    other = make.make_school()
    make.affiliate(person=person, school=other)
    service = make_service(
        user_attribute=AttributeSource.LOGIN,
        profile_vocabulary=ProfileVocabulary.NATIONAL_NUMBERS,
    )
    release(service, "nom", AttributeSource.FAMILY_NAME, format=AttributeFormat.UPPER)
    release(
        service, "dateNaissance", AttributeSource.BIRTH_DATE, format=AttributeFormat.FRENCH_DATE
    )
    release(service, "categories", AttributeSource.PROFILE)
    release(service, "uai", AttributeSource.SCHOOL_UAIS)
    release(service, "classe", AttributeSource.CLASSES)
    release(service, "codePostal", AttributeSource.POSTAL_CODE)
    body = validate(browser_of(person).ticket())
    assert user_of(body) == "lea.martin"
    found = attributes_of(body)
    assert found["nom"] == ["MARTIN"]
    assert found["dateNaissance"] == ["04/03/2012"]
    assert found["categories"] == ["National_1"]
    assert found["uai"] == sorted([school.uai, other.uai])
    assert found["classe"] == ["4E3"]
    assert "codePostal" not in found


def test_over_http_the_contract_is_silent_unless_it_says_otherwise(
    pupil: Person, browser_of: BrowserOf
) -> None:
    plain = "http://192.0.2.7:8080/pronote/"
    service = make_service(plain)
    release(service, "nom", AttributeSource.FAMILY_NAME)
    assert "nom" not in attributes_of(validate(browser_of(pupil).ticket(plain), plain))
    Service.objects.filter(pk=service.pk).update(releases_over_http=True)
    from sso.catalogue import registry

    registry.forget()
    assert attributes_of(validate(browser_of(pupil).ticket(plain), plain))["nom"] == ["Élève"]


def test_an_identity_that_is_missing_is_never_replaced_by_another(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service(user_attribute=AttributeSource.EMAIL)
    assert code_of(validate(browser_of(pupil).ticket())) == "INTERNAL_ERROR"


def test_a_validation_needs_no_cookie_and_gives_none(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    query = {"ticket": browser_of(pupil).ticket(), "service": APP}
    assert not Client().get("/cas/serviceValidate", query).cookies


# --- whatever is sent is answered in the protocol's words, and a failed try kills its ticket -----


def xml_code(answer: TestResponse) -> str:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/xml")
    return code_of(answer.content.decode())


@pytest.mark.parametrize("path", [*PATHS, "validate"])
@pytest.mark.parametrize(
    "query", [{}, {"service": ""}, {"service": APP, "format": "yaml"}, {"format": "yaml"}]
)
def test_a_request_that_cannot_be_answered_kills_its_ticket(
    path: str, query: dict[str, str], pupil: Person, browser_of: BrowserOf
) -> None:
    if path == "validate" and "format" in query:
        pytest.skip("the first version knows no format")
    make_service()
    ticket = browser_of(pupil).ticket()
    answer = Client().get(f"/cas/{path}", {"ticket": ticket, **query})
    if path == "validate":
        assert answer.content == b"no\n"
    else:
        assert xml_code(answer) == "INVALID_REQUEST"
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_a_saml_request_without_target_kills_its_ticket(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    ticket = browser_of(pupil).ticket()
    answer = Client().post("/cas/samlValidate", soap(ticket), content_type="text/xml")
    assert b"INVALID_REQUEST" in answer.content
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def soap(ticket: str) -> str:
    return (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>'
        '<p:Request xmlns:p="urn:oasis:names:tc:SAML:1.0:protocol" RequestID="_1">'
        f"<p:AssertionArtifact>{ticket}</p:AssertionArtifact></p:Request></E:Body></E:Envelope>"
    )


LARGE = b"logoutRequest=" + b"a" * 3_000_000
FORM = "application/x-www-form-urlencoded"
UNREADABLE = [
    (LARGE, FORM),
    (b"&".join(b"a%d=1" % number for number in range(3_000)), FORM),
    (b"ticket=%E9", f"{FORM}; charset=iso-8859-1"),
    (b"no part of it", "multipart/form-data; boundary=x"),
    (b"no part of it", "multipart/form-data"),
]


@pytest.mark.parametrize("path", [*PATHS, "proxy"])
@pytest.mark.parametrize("sent", range(len(UNREADABLE)))
def test_a_form_that_cannot_be_read_is_answered_in_xml(
    path: str, sent: int, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    ticket = browser_of(pupil).ticket()
    body, kind = UNREADABLE[sent]
    where = f"/cas/{path}?ticket={ticket}&pgt=PGT-1"
    answer = Client().generic("POST", where, body, content_type=kind)
    assert xml_code(answer) == "INVALID_REQUEST"
    if path != "proxy":
        assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_the_first_version_and_saml_answer_a_large_form_in_their_words(db: None) -> None:
    answer = Client().generic("POST", "/cas/validate", LARGE, content_type=FORM)
    assert (answer.status_code, answer.content) == (200, b"no\n")
    answer = Client().generic("POST", "/cas/samlValidate", LARGE, content_type="text/xml")
    assert answer.headers["Content-Type"].startswith("text/xml")


@pytest.mark.parametrize("query", ["ticket=ST-1%00", "&".join(["a"] * 2_500)])
def test_an_address_that_cannot_be_read_is_answered_in_xml(query: str, db: None) -> None:
    for path in (*PATHS, "proxy"):
        assert xml_code(Client().get(f"/cas/{path}?{query}")) == "INVALID_REQUEST", path
