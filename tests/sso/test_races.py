"""Exactly one: the same ticket, the same identifier, in several processes at once (T-E1)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from directory.models import Person
from sso.models import ServiceIdentifier, Ticket
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.sso.kit import APP, Browser, make_service, user_of, validate

PROCESSES = 8
TICKETS = 300

_VALIDATE = """
import django, json, sys
django.setup()
from django.test import Client
from sso.registry import catalogue
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
from sso.identifiers import identifier_for
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
