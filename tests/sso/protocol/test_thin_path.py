"""From a service's link to its page: the shortest way through, and its price."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from directory.models import Person
from sso.models import ServiceIdentifier, Ticket
from tests import factories as make
from tests.sso.kit import APP, Browser, code_of, make_service, ticket_in, user_of, validate
from tests.sso.realm_kits import RealmKit

BrowserOf = Callable[[Person | None], Browser]


def test_a_session_becomes_a_ticket_and_the_ticket_a_user(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    ticket = browser_of(pupil).ticket()
    assert ticket.startswith("ST-")
    user = user_of(validate(ticket))
    assert user == ServiceIdentifier.objects.get(person=pupil).value
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_the_whole_form_in_one_post(pupil: Person, realm: RealmKit) -> None:
    """The form on `/cas/login` itself answers with the ticket."""
    make_service()
    client = Client(enforce_csrf_checks=True)
    path = f"/cas/login?service={APP}&{realm.in_place}"
    page = client.get(path, secure=True).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"username": "manon.eleve", "password": make.PASSWORD, "csrfmiddlewaretoken": token}
    answer = client.post(path, form, secure=True)
    assert answer.headers["Location"].startswith(f"{APP}?ticket=ST-")
    body = validate(ticket_in(answer))
    assert "<cas:isFromNewLogin>true</cas:isFromNewLogin>" in body
    assert answer.cookies[django_settings.SESSION_COOKIE_NAME]["httponly"]


def test_the_way_over_the_sign_in_page_ends_at_the_service(pupil: Person, realm: RealmKit) -> None:
    make_service()
    client = Client()
    asked = client.get(f"/cas/login?service={APP}")
    assert asked.headers["Location"].startswith(f"{realm.sign_in_page}?next=%2Fcas%2Flogin")
    query = asked.headers["Location"].partition("?")[2]
    form = {"username": "manon.eleve", "password": make.PASSWORD}
    signed_in = client.post(f"{realm.form_page}?{query}", form)
    back = client.get(signed_in.headers["Location"])
    assert "<cas:isFromNewLogin>true</cas:isFromNewLogin>" in validate(ticket_in(back))


def test_a_ticket_costs_three_statements_and_a_validation_two(
    pupil: Person, browser_of: BrowserOf, settings: Settings
) -> None:
    settings.SSO_CATALOGUE_SECONDS = 600
    make_service()
    browser = browser_of(pupil)
    browser.ticket()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ticket = browser.ticket()
    assert len(asked) <= 3, [query["sql"] for query in asked]
    with CaptureQueriesContext(connection) as asked:
        assert user_of(validate(ticket))
    assert len(asked) <= 2, [query["sql"] for query in asked]


@pytest.mark.django_db
def test_only_hashes_of_living_tickets_are_kept(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    ticket = browser_of(pupil).ticket()
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM sso_ticket t")
        assert ticket not in cursor.fetchone()[0]
    validate(ticket)
    assert Ticket.objects.get().consumed_value == ticket
