"""Opaque identifiers: random, different per service, stable, never given again (T-E10)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.erasure import erase as erase_accounts
from directory.models import Person
from sso.erasure import erase
from sso.models import ProxyGrant, ServiceGrant, ServiceIdentifier, Ticket
from sso.release.identifiers import identifier_for, identifiers_for
from tests import factories as make
from tests.sso.kit import Browser, make_service, user_of, validate

BrowserOf = Callable[[Person | None], Browser]


def test_it_says_nothing_of_the_person(pupil: Person) -> None:
    service = make_service()
    value = identifier_for(person_id=pupil.pk, service_id=service.pk)
    assert re.fullmatch(r"[a-z0-9]{26}", value)  # 134 bits
    assert str(pupil.pk) != value


def test_two_services_learn_two_identifiers(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    other = "https://autre.example.fr/"
    make_service(other, code="autre")
    browser = browser_of(pupil)
    assert user_of(validate(browser.ticket())) != user_of(validate(browser.ticket(other), other))


def test_it_survives_a_change_of_name_login_and_school(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    before = user_of(validate(browser_of(pupil).ticket()))
    pupil.family_name, pupil.main_school = "Autrement", make.make_school()
    pupil.save()
    pupil.account.login = "m.autrement"
    pupil.account.save()
    assert user_of(validate(browser_of(pupil).ticket())) == before


def test_an_export_and_a_sign_in_read_the_same_row(pupil: Person, browser_of: BrowserOf) -> None:
    """4-pronote, 1.4: `ID_Partenaire` and `cas:user` are one row."""
    service = make_service()
    exported = identifiers_for(person_ids=[pupil.pk], service_id=service.pk)
    assert user_of(validate(browser_of(pupil).ticket())) == exported[pupil.pk]


def test_many_at_once_cost_three_statements_and_make_none_twice(db: None) -> None:
    service = make_service()
    people = [make.make_person().pk for _ in range(30)]
    known = identifier_for(person_id=people[0], service_id=service.pk)
    with CaptureQueriesContext(connection) as asked:
        found = identifiers_for(person_ids=people, service_id=service.pk)
    assert len(asked) == 3
    assert found[people[0]] == known
    assert len(set(found.values())) == 30
    assert identifiers_for(person_ids=people, service_id=service.pk) == found


def test_a_former_identifier_stays_and_is_nobody_elses(pupil: Person) -> None:
    service = make_service()
    former = identifier_for(person_id=pupil.pk, service_id=service.pk)
    ServiceIdentifier.objects.update(is_current=False, replaced_at=timezone.now())
    assert identifier_for(person_id=pupil.pk, service_id=service.pk) != former
    other = make.make_person()
    with pytest.raises(IntegrityError, match="service_identifier_unique"), transaction.atomic():
        ServiceIdentifier.objects.create(person=other, service=service, value=former)


def test_one_is_current(pupil: Person) -> None:
    service = make_service()
    identifier_for(person_id=pupil.pk, service_id=service.pk)
    with pytest.raises(IntegrityError, match="service_identifier_current"), transaction.atomic():
        ServiceIdentifier.objects.create(person=pupil, service=service, value="x")


def test_erasing_a_person_forgets_everything(pupil: Person, browser_of: BrowserOf) -> None:
    """T-M6, this room's part."""
    service = make_service()
    other = make.make_person(school=make.make_school())
    make.make_account(person=other)
    for person in (pupil, other):
        validate(browser_of(person).ticket())
        ServiceGrant.objects.create(service=service, person=person)
        ticket = Ticket.objects.get(subject=person.account.uuid)
        ProxyGrant.objects.create(
            hash=bytes(ticket.hash),
            realm=ticket.realm,
            subject=ticket.subject,
            service=service,
            sign_on=ticket.sign_on,
            proxies=[],
            authenticated_at=ticket.authenticated_at,
            created_at=ticket.created_at,
        )
    kept = identifier_for(person_id=other.pk, service_id=service.pk)
    gone = identifier_for(person_id=pupil.pk, service_id=service.pk)
    erase_accounts([pupil.pk])
    erase([pupil.pk])
    assert list(ServiceIdentifier.objects.values_list("value", flat=True)) == [kept]
    assert list(Ticket.objects.values_list("subject", flat=True)) == [other.account.uuid]
    assert list(ProxyGrant.objects.values_list("subject", flat=True)) == [other.account.uuid]
    assert list(ServiceGrant.objects.values_list("person", flat=True)) == [other.pk]
    assert identifier_for(person_id=pupil.pk, service_id=service.pk) != gone
