"""« Mes connexions »: one sees every browser where one's account is open, and closes it (R-B9)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from directory.enums import Role
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from signin.sessions.models import Session
from signin.sessions.store import hash_key
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/mon-compte/connexions/"
OTHERS = "/mon-compte/connexions/fermer-les-autres/"
NOON = datetime.fromisoformat("2026-10-05T12:00:00+02:00")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1"


@pytest.fixture(autouse=True)
def without_terms() -> None:
    no_terms()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account() -> Account:
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    return make.make_account(person=person)


def signed_in(account: Account, agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    assert sign_in(client, account.login, make.PASSWORD).status_code == 303
    return client


def sign_on_in(client: Client) -> uuid.UUID:
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    found = Session.objects.get(key_hash=hash_key(key)).sign_on
    assert found is not None
    return found


def close(client: Client, sign_on: uuid.UUID) -> int:
    return client.post(f"{PAGE}{sign_on}/fermer/").status_code


def is_open(client: Client) -> bool:
    return client.get("/mon-compte/").status_code == 200


def test_each_connection_says_its_device_door_and_times(
    account: Account, clock: time_machine.Traveller
) -> None:
    signed_in(account, PHONE)
    clock.shift(10 * 60)
    page = signed_in(account).get(PAGE).content.decode()
    assert "Firefox, Windows" in page
    assert "Safari, iPhone" in page
    assert "mot de passe de l’ENT" in page
    assert "5 octobre 2026 à 12\u00a0h\u00a000" in page
    assert page.count("Cette connexion") == 1
    assert page.index("Firefox, Windows") < page.index("Safari, iPhone")


def test_a_closed_connection_is_refused_at_its_next_request(account: Account) -> None:
    """T-B2: and nobody else's is touched."""
    client, other, third = (signed_in(account) for _ in range(3))
    assert close(client, sign_on_in(other)) == 303
    assert [is_open(one) for one in (client, other, third)] == [True, False, True]


def test_all_the_others_close_at_once(account: Account) -> None:
    client, *others = (signed_in(account) for _ in range(3))
    stranger = signed_in(make.make_account(person=make.make_person(school=make.make_school())))
    page = client.post(OTHERS, follow=True).content.decode()
    assert "Les 2 autres connexions sont fermées" in page
    assert OTHERS not in page
    assert not any(is_open(other) for other in others)
    assert is_open(client)
    assert is_open(stranger)


def test_somebody_elses_connection_does_not_exist(account: Account) -> None:
    client = signed_in(account)
    stranger = signed_in(make.make_account(person=make.make_person(school=make.make_school())))
    assert close(client, sign_on_in(stranger)) == 404
    assert close(client, uuid.uuid4()) == 404
    assert is_open(stranger)


def test_this_connection_is_closed_by_signing_out_only(account: Account) -> None:
    client = signed_in(account)
    sign_on = sign_on_in(client)
    assert str(sign_on) not in client.get(PAGE).content.decode()
    assert close(client, sign_on) == 404
    assert is_open(client)


def test_what_is_over_is_not_listed(account: Account, clock: time_machine.Traveller) -> None:
    signed_in(account, PHONE)
    clock.shift(61 * 60)
    assert "iPhone" not in signed_in(account).get(PAGE).content.decode()


def test_an_administrators_list_follows_the_shorter_limit(
    account: Account, clock: time_machine.Traveller
) -> None:
    """T-B3."""
    make.give_role(
        person=account.person, role=Role.SCHOOL_ADMINISTRATOR, school=account.person.main_school
    )
    signed_in(account, PHONE)
    clock.shift(31 * 60)
    assert "iPhone" not in signed_in(account).get(PAGE).content.decode()


def test_closing_elsewhere_is_journaled_once(account: Account) -> None:
    client = signed_in(account)
    for _ in range(2):
        signed_in(account)
    client.post(OTHERS)
    client.post(OTHERS)
    (event,) = AuditEvent.objects.filter(act=Act.SESSIONS_CLOSED)
    assert event.actor_pseudonym == event.subject_pseudonym is not None
    assert event.details == {"count": 2}


def test_the_page_costs_the_same_however_many_there_are(account: Account) -> None:
    client = signed_in(account)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for _ in range(5):
        signed_in(account)
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(many) == len(few)
