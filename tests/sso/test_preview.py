"""The preview of a contract shows what a validation releases, and nothing else (R-G3)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from lxml import etree

from directory.enums import MembershipRole
from directory.models import Person
from directory.rights.actors import actor_for
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from sso.catalogue import registry
from sso.catalogue.locking import ActorAndOrigin
from sso.catalogue.registration import change_service
from sso.models import ReleasedAttribute, Service, ServiceIdentifier
from sso.release.contract_changes import CONTRACT_FIELDS, change_contract
from tests import factories as make
from tests.cast import Cast
from tests.sso.kit import CAS, Browser, make_service, validate

ClientOf = Callable[[Person | None], Client]
PROTOCOL = {"authenticationDate", "isFromNewLogin", "longTermAuthenticationRequestTokenUsed"}
HTTPS, HTTP = "https://app.example.fr/entree", "http://app.example.fr/entree"


def contract(*lines: tuple[str, str, str], user: str = "identifiant-opaque") -> dict[str, str]:
    """The fields of the screen's form."""
    fields = {
        "user_attribute": user,
        "profile_vocabulary": "national-numeros",
        "attribut-TOTAL_FORMS": str(len(lines)),
        "attribut-INITIAL_FORMS": "0",
    }
    for number, (name, source, written) in enumerate(lines):
        fields |= {
            f"attribut-{number}-name": name,
            f"attribut-{number}-source": source,
            f"attribut-{number}-format": written,
        }
    return fields


PLAIN = contract()
FULL = contract(
    ("nom", "nom", "majuscules"),
    ("prenom", "prenom", "tel-quel"),
    ("dateNaissance", "date-naissance", "date-francaise"),
    ("categories", "profil", "tel-quel"),
    ("etab", "uai", "tel-quel"),
    ("classe", "classes", "minuscules"),
    ("mail", "courriel", "tel-quel"),
)
BY_LOGIN = contract(("prenom", "prenom", "tel-quel"), user="identifiant")


def previewed(client: Client, service: Service, person: Person) -> list[tuple[str, str]]:
    """Read the preview's page."""
    page = client.get(reverse("services:preview-person", args=[service.uuid, person.uuid]))
    found = re.findall(r'data-released="([^"]+)">([^<]*)<', page.content.decode())
    return sorted((name, unescape(value)) for name, value in found)


def released(client: Client, address: str) -> list[tuple[str, str]]:
    """Read what a service is told at a validation of the same contract."""
    body = validate(Browser(client).ticket(address), address, "p3/serviceValidate")
    success = etree.fromstring(body.encode()).find("cas:authenticationSuccess", CAS)
    assert success is not None, body
    values = [("cas:user", success.findtext("cas:user", "", CAS))]
    for one in success.iterfind("cas:attributes/*", CAS):
        name = etree.QName(one).localname
        if name not in PROTOCOL:
            values.append((name, one.text or ""))
    return sorted(values)


@pytest.mark.parametrize("address", [HTTPS, HTTP])
@pytest.mark.parametrize("fields", [PLAIN, FULL, BY_LOGIN], ids=["plain", "full", "by login"])
@pytest.mark.parametrize("who", ["pupil", "parent"])
def test_the_preview_is_what_the_validation_releases(
    who: str, fields: dict[str, str], address: str, cast: Cast, client_of: ClientOf
) -> None:
    person: Person = getattr(cast, who)
    Person.objects.filter(pk=person.pk).update(birth_date=datetime.date(2013, 4, 5))
    service = make_service(address, school=cast.school_a, home_url=address)
    manager = client_of(cast.manager_a)
    saved = manager.post(reverse("services:contract", args=[service.uuid]), fields)
    assert saved.status_code == 302, saved.content.decode()
    theirs = released(client_of(person), address)
    assert previewed(manager, service, person) == theirs
    assert (len(theirs) > 3) == (fields is FULL and address == HTTPS)


def test_a_preview_makes_no_identifier_and_leaves_a_line_in_the_journal(
    cast: Cast, client_of: ClientOf
) -> None:
    service = make_service(school=cast.school_a)
    [(name, value)] = previewed(client_of(cast.manager_a), service, cast.pupil)
    assert (name, value) == ("cas:user", "(créé à la première visite)")
    assert not ServiceIdentifier.objects.exists()
    assert AuditEvent.objects.filter(act="service:previewed").count() == 1


def test_nobody_is_previewed_outside_ones_school(cast: Cast, client_of: ClientOf) -> None:
    service = make_service(school=cast.school_a)
    address = reverse("services:preview-person", args=[service.uuid, cast.pupil_b.uuid])
    assert client_of(cast.manager_a).get(address).status_code == 404
    assert client_of(cast.ent_administrator).get(address).status_code == 200


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([("1nom", "nom", "tel-quel")], "pas de chiffre au début"),
        ([("nom", "nom", "date-iso")], "celle d’une date"),
        ([("nom", "nom", "tel-quel"), ("nom", "prenom", "tel-quel")], "le même nom"),
    ],
)
def test_a_contract_that_no_service_could_read_is_refused(
    lines: list[tuple[str, str, str]], words: str, cast: Cast, client_of: ClientOf
) -> None:
    service = make_service(school=cast.school_a)
    address = reverse("services:contract", args=[service.uuid])
    answer = client_of(cast.manager_a).post(address, contract(*lines))
    assert words in answer.content.decode()
    assert not ReleasedAttribute.objects.exists()


def test_the_journal_names_what_changed_and_no_value(cast: Cast, client_of: ClientOf) -> None:
    service = make_service(school=cast.school_a)
    address = reverse("services:contract", args=[service.uuid])
    client_of(cast.manager_a).post(address, FULL)
    [event] = AuditEvent.objects.filter(act="service:contract:changed")
    assert event.details["fields"] == "attributes,profile_vocabulary"
    assert event.details["count"] == 7
    assert event.school_uai == cast.school_a.uai


def test_a_schools_service_learns_nothing_of_another_school(
    cast: Cast, client_of: ClientOf
) -> None:
    """Decision 0046: neither its classes, nor its number, nor an identifier in common."""
    make.affiliate(person=cast.teacher, school=cast.school_b)
    make.put_in_group(person=cast.teacher, group=cast.class_b, role=MembershipRole.TEACHER)
    service = make_service(school=cast.school_a)
    address = reverse("services:contract", args=[service.uuid])
    manager = client_of(cast.manager_a)
    for source in ("uuid", "uais"):
        manager.post(address, contract(("x", source, "tel-quel")))
        assert not service.attributes.exists()
    manager.post(address, contract(("classe", "classes", "tel-quel"), ("etab", "uai", "tel-quel")))
    mine = released(client_of(cast.teacher), HTTPS)
    assert ("classe", "4E3") in mine
    assert [value for name, value in mine if name == "classe"] == ["4E3"]
    Person.objects.filter(pk=cast.teacher.pk).update(main_school=cast.school_b)
    assert "etab" not in dict(released(client_of(cast.teacher), HTTPS))
    assert "etab" not in dict(previewed(manager, service, cast.teacher))


@pytest.mark.parametrize("name", [*sorted(PROTOCOL), "ISFROMNEWLOGIN", "authnContextClass"])
def test_a_contract_cannot_take_the_protocols_own_names(
    name: str, cast: Cast, client_of: ClientOf
) -> None:
    """A service would read from an e-mail address whether the sign-in is fresh."""
    service = make_service(HTTPS, school=cast.school_a)
    address = reverse("services:contract", args=[service.uuid])
    page = client_of(cast.manager_a).post(address, contract((name, "courriel", "tel-quel")))
    assert f"«\u00a0{name}\u00a0» est réservé au protocole" in unescape(page.content.decode())
    assert not service.attributes.exists()
    with pytest.raises(ValidationError):
        change_contract(
            service=service,
            values={field: getattr(service, field) for field in CONTRACT_FIELDS},
            attributes=[{"name": name, "source": "courriel", "format": "tel-quel"}],
            by=ActorAndOrigin(actor=actor_for(cast.manager_a), origin=Origin()),
        )


def test_one_registered_before_that_is_released_no_more(
    cast: Cast, browser_of: Callable[[Person | None], Browser]
) -> None:
    service = make_service(HTTPS)
    for name in ("isFromNewLogin", "nom"):
        ReleasedAttribute.objects.create(service=service, name=name, source="nom")
    registry.forget()
    body = validate(browser_of(cast.pupil).ticket(HTTPS), HTTPS)
    assert body.count("<cas:isFromNewLogin>") == 1
    assert "<cas:nom>" in body


def test_what_joins_services_up_is_refused_below_the_form_too(cast: Cast) -> None:
    """Decision 0046: what a school's service keeps of it from the portal's time stays."""
    service = make_service(HTTPS, school=cast.school_a)
    values = {field: getattr(service, field) for field in CONTRACT_FIELDS}
    line = {"name": "moi", "source": "uuid", "format": "tel-quel"}
    school, portal = (
        ActorAndOrigin(actor=actor_for(person), origin=Origin())
        for person in (cast.manager_a, cast.ent_administrator)
    )
    for wanted, lines in ((values | {"user_attribute": "uuid"}, []), (values, [line])):
        with pytest.raises(PermissionDenied):
            change_contract(service=service, values=wanted, attributes=lines, by=school)
    change_contract(service=service, values=values, attributes=[line], by=portal)
    more = [line, {"name": "nom", "source": "nom", "format": "tel-quel"}]
    change_contract(service=service, values=values, attributes=more, by=school)
    assert service.attributes.count() == 2


def test_the_protocols_settings_are_refused_below_the_form_too(cast: Cast) -> None:
    service = make_service(HTTPS, school=cast.school_a)
    by = ActorAndOrigin(actor=actor_for(cast.manager_a), origin=Origin())
    with pytest.raises(PermissionDenied):
        change_service(service=service, values={"may_proxy": True}, by=by)
    change_service(service=service, values={"may_proxy": False, "name": "Autre"}, by=by)
    service.refresh_from_db()
    assert (service.may_proxy, service.name) == (False, "Autre")
