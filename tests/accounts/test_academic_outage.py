"""An academy that is slow, broken, lying or gone hurts nobody for long (T-E8)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.doors.base import breaker
from accounts.doors.base.places import take_place
from accounts.doors.base.protocol import DoorError
from accounts.enums import DoorFault
from accounts.models import Account, CasServer, Door, DoorHealth
from tests import factories as make
from tests.accounts.academy import StandIn, come_back, leave, who
from tests.accounts.signing import sign_in

pytestmark = pytest.mark.django_db
XML = b"<?xml version='1.0'?>"
BOMB = (
    XML + b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    b"<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationSuccess>"
    b"<cas:user>&b;</cas:user></cas:authenticationSuccess></cas:serviceResponse>"
)
RUBBISH = [
    b"",
    b"<html><body>Bienvenue</body></html>",
    b"<cas:serviceResponse",
    b"\xff\xfe\x00\x01",
    b"yes\njdupont\n",
    b"<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'/>",
    (
        b"<serviceResponse><authenticationSuccess><user>jdupont</user></authenticationSuccess>"
        b"</serviceResponse>"
    ),
    (
        b"<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationSuccess/>"
        b"</cas:serviceResponse>"
    ),
    BOMB,
    BOMB.decode().replace("<?xml version='1.0'?>", "").encode("utf-16"),
    b"<a>" * 5000,
    b"x" * 200_000,
]


def say_trouble(client: Client, door: Door, ticket: str = "ST-1") -> tuple[float, str]:
    began = time.monotonic()
    answer = come_back(client, door, ticket)
    took = time.monotonic() - began
    page = answer.content.decode()
    assert "Retour au choix du profil" in page
    return took, page


def last_fault(door: Door) -> str:
    return DoorHealth.objects.get(door=door).last_fault


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_a_server_that_does_not_end_its_answer_is_left_within_the_deadline(
    client: Client, academy: StandIn, door: Door, mode: str
) -> None:
    academy.mode = mode
    leave(client, door)
    took, page = say_trouble(client, door)
    assert took < 5
    assert "ne répond pas" in page
    assert last_fault(door) == DoorFault.HANG


@pytest.mark.parametrize("body", RUBBISH)
def test_rubbish_is_not_an_answer(
    client: Client, academy: StandIn, door: Door, body: bytes, account: Account
) -> None:
    academy.mode, academy.body = "body", body
    leave(client, door)
    took, page = say_trouble(client, door)
    assert took < 5
    assert "ne répond pas" in page
    assert last_fault(door) == DoorFault.NOT_CAS
    assert who(client) is None


@pytest.mark.parametrize(("mode", "fault"), [("broken", "panne"), ("moved", "redirige")])
def test_a_mark_serves_once_even_when_the_academy_was_away(
    client: Client, academy: StandIn, door: Door, account: Account, mode: str, fault: str
) -> None:
    """The page of a failure is a 503, with which Django keeps nothing of a session by itself."""
    academy.mode = mode
    leave(client, door)
    say_trouble(client, door)
    academy.mode = "cas"
    academy.issue("ST-2", "jdupont", mail=account.person.email)
    assert come_back(client, door, "ST-2").status_code == 403
    assert who(client) is None


@pytest.mark.parametrize(("mode", "fault"), [("broken", "panne"), ("moved", "redirige")])
def test_an_error_or_a_redirect_is_not_followed(
    client: Client, academy: StandIn, door: Door, mode: str, fault: str
) -> None:
    academy.mode = mode
    leave(client, door)
    say_trouble(client, door)
    assert last_fault(door) == fault
    assert len(academy.asked) == 1


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://127.0.0.1:9/cas/", DoorFault.REFUSED),
        ("https://127.0.0.1:{port}/cas/", DoorFault.TLS),
    ],
)
def test_what_is_wrong_with_the_connection_is_told_apart(
    client: Client, academy: StandIn, door: Door, address: str, fault: DoorFault
) -> None:
    port = academy.url.rsplit(":", 1)[1].split("/")[0]
    CasServer.objects.filter(door=door).update(back_channel_url=address.format(port=port))
    leave(client, door)
    say_trouble(client, door)
    assert last_fault(door) == fault


def test_after_three_failures_nobody_waits_then_one_tries_and_the_door_is_well(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    academy.mode = "broken"
    for _ in range(breaker.FAILURES):
        leave(client, door)
        say_trouble(client, door)
    asked = len(academy.asked)
    assert "ne répond pas en ce moment" in client.get(f"/connexion/{door.code}/").content.decode()
    leave(client, door)
    took, _ = say_trouble(client, door)
    assert took < 1
    assert len(academy.asked) == asked
    academy.mode = "cas"
    with time_machine.travel(timezone.now() + timedelta(seconds=21)):
        leave(client, door)
        academy.issue("ST-9", "jdupont", mail=account.person.email)
        assert come_back(client, door, "ST-9").status_code == 303
    assert DoorHealth.objects.get(door=door).failures == 0


def test_of_many_only_one_probes_a_door_that_rested(door: Door) -> None:
    for _ in range(breaker.FAILURES):
        breaker.note_failure(door, DoorFault.HANG)
    with time_machine.travel(timezone.now() + timedelta(seconds=21)):
        breaker.ensure_closed_circuit(door)
        with pytest.raises(DoorError) as refused:
            breaker.ensure_closed_circuit(door)
    assert refused.value.fault == DoorFault.CLOSED


def test_a_refused_ticket_says_nothing_bad_of_the_server(client: Client, door: Door) -> None:
    for _ in range(4):
        leave(client, door)
        assert "plus valable" in come_back(client, door, "ST-no").content.decode()
    assert not DoorHealth.objects.exists()


def test_without_a_place_the_page_waits_by_itself_and_keeps_the_ticket(
    client: Client, academy: StandIn, door: Door, account: Account, settings: Settings
) -> None:
    settings.DOOR_PLACES = 1
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    leave(client, door)
    give_back = take_place(door)
    answer = come_back(client, door, "ST-1")
    assert answer.status_code == 503
    wait, _, again = answer.headers["Refresh"].partition("; url=")
    assert (wait, again) == ("2", f"/guichet/{door.code}/?ticket=ST-1&essai=2")
    for number in range(2, 6):
        last = client.get(f"/guichet/{door.code}/?ticket=ST-1&essai={number}")
    assert "Refresh" not in last.headers, "never a loop"
    give_back()
    assert client.get(again).status_code == 303


def test_one_door_cannot_take_the_places_of_all(door: Door, settings: Settings) -> None:
    settings.DOOR_PLACES, settings.DOORS_PLACES = 1, 2
    other = Door.objects.create(code="autre", label="x", kind="cas", audiences=[])
    given = [take_place(door), take_place(other)]
    with pytest.raises(DoorError):
        take_place(door)
    for give_back in given:
        give_back()


def test_local_doors_do_not_notice(client: Client, academy: StandIn, door: Door) -> None:
    academy.mode = "broken"
    for _ in range(4):
        leave(client, door)
        come_back(client, door, "ST-1")
    me = make.make_account(person=make.make_person(school=make.make_school()))
    assert sign_in(client, me.login, make.PASSWORD).status_code == 303
