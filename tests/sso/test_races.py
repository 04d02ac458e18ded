"""Exactly one: the same ticket, the same identifier, in several processes at once (T-E1)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from directory.enums import Role
from directory.models import Person, School
from directory.rights.actors import actor_for
from ent.audit.origin import Origin
from sso.catalogue.addresses import read_address
from sso.catalogue.locking import ActorAndOrigin
from sso.catalogue.presets import PRESETS
from sso.catalogue.registration import add_address, register_service
from sso.enums import AddressUse
from sso.models import Service, ServiceAddress, ServiceIdentifier, Ticket
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.sso.kit import APP, Browser, make_service, user_of, validate

PROCESSES = 8
TICKETS = 300

_VALIDATE = """
import django, json, sys
django.setup()
from django.test import Client
from sso.catalogue.registry import catalogue
service, tickets = sys.argv[1], json.loads(sys.stdin.readline())
catalogue()
client = Client()
print("ready", flush=True)
sys.stdin.readline()
won = []
for ticket in tickets:
    answer = client.get("/cas/serviceValidate", {"ticket": ticket, "service": service})
    if b"authenticationSuccess" in answer.content:
        won.append(ticket)
print(json.dumps(won))
"""

_IDENTIFY = """
import django, json, sys
django.setup()
from sso.release.identifiers import identifier_for
service, people = sys.argv[1], json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps([identifier_for(person_id=one, service_id=int(service)) for one in people]))
"""


def in_processes(program: str, argument: str, given: object, count: int) -> list[list[str]]:
    """Run the program in so many processes that start at the same word; return what they print."""
    environment = {**os.environ, "PREAU_TEST_DATABASE": connection.settings_dict["NAME"]}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, argument],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=200)[0]) for process in processes]


def a_pupil() -> Person:
    no_terms()
    person = make.make_person(school=make.make_school())
    make.make_account(person=person)
    return person


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_eight_validators_exactly_one_gets_each_ticket() -> None:
    make_service(ticket_seconds=60)
    person = a_pupil()
    client = Client()
    client.force_login(person.account)
    browser = Browser(client)
    assert user_of(validate(browser.ticket()))
    tickets = [browser.ticket() for _ in range(TICKETS)]
    # The processes take their time to start on a busy machine: the race is what is tested.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sso_ticket SET expires_at = expires_at + interval '1 hour'")
    won = in_processes(_VALIDATE, APP, tickets, PROCESSES)
    taken = [ticket for process in won for ticket in process]
    assert sorted(taken) == sorted(tickets)
    assert Ticket.objects.filter(consumed_at__isnull=True).count() == 0


@pytest.mark.django_db(transaction=True)
def test_processes_agree_on_an_identifier() -> None:
    service = make_service()
    people = [make.make_person(family_name=f"Course{number}").pk for number in range(40)]
    answers = in_processes(_IDENTIFY, str(service.pk), people, 4)
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert len(set(answers[0])) == len(people)
    assert ServiceIdentifier.objects.count() == len(people)


def at_once(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object]) -> list[object]:
    """Do these in threads that would all write together; return what each gave, or its error.

    Each waits before its address is written until the others are there: who is made to wait
    earlier never comes, and the first one goes on alone.
    """
    meeting, clean = threading.Barrier(len(acts), timeout=2), ServiceAddress.full_clean

    def meet_and_clean(address: ServiceAddress) -> None:
        with suppress(threading.BrokenBarrierError):
            meeting.wait()
        clean(address)

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Exception as error:  # looked at by the test
            return error
        finally:
            connection.close()

    monkeypatch.setattr(ServiceAddress, "full_clean", meet_and_clean)
    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def register_at(address: str, *, school: School, by: ActorAndOrigin) -> Service:
    return register_service(
        preset=PRESETS["generique"],
        school=school,
        values={"name": "Médiathèque", "description": "", "icon": "book"},
        address=read_address(address),
        with_usual_attributes=False,
        by=by,
    )


def manager_of(school: School) -> ActorAndOrigin:
    person = make.make_person(school=school)
    make.make_account(person=person)
    make.give_role(person=person, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    return ActorAndOrigin(actor=actor_for(person), origin=Origin())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["https://media.example.fr/", "https://media.example.fr/a/b"])
def test_of_two_schools_at_once_one_gets_the_place(
    second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each looks whether the place is free before either has written (decision 0046)."""
    acts = []
    for number, place in enumerate(["https://media.example.fr/a", second]):
        school = make.make_school()
        by = manager_of(school)
        service = register_at(f"https://s{number}.example.fr/", school=school, by=by)
        add = partial(add_address, service=service, use=AddressUse.SIGN_IN, by=by)
        acts.append(partial(add, address=read_address(place)))
    made = at_once(monkeypatch, *acts)
    assert sorted(type(one).__name__ for one in made) == ["ServiceAddress", "ValidationError"]
    [error] = [one for one in made if isinstance(one, ValidationError)]
    assert "déjà celle d’un autre service" in error.messages[0]
    assert ServiceAddress.objects.filter(host="media.example.fr").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_one_name_registered_twice_at_once_each_gets_a_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    school = make.make_school()
    by = manager_of(school)
    places = ["https://un.example.fr/", "https://deux.example.fr/"]
    made = at_once(
        monkeypatch, *(partial(register_at, place, school=school, by=by) for place in places)
    )
    assert all(isinstance(one, Service) for one in made), made
    assert Service.objects.values("code").distinct().count() == 2
