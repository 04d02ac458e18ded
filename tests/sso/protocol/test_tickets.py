"""Tickets: what they look like, how long they live, and that they die at the first try."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from directory.models import Person
from sso.enums import TicketLength
from sso.models import Service, Ticket
from tests.sso.kit import APP, Browser, code_of, make_service, user_of, validate
from tests.sso.realm_kits import RealmKit

BrowserOf = Callable[[Person | None], Browser]


def test_a_ticket_is_letters_and_digits_and_new_each_time(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    browser = browser_of(pupil)
    tickets = {browser.ticket() for _ in range(20)}
    assert len(tickets) == 20
    for ticket in tickets:
        assert re.fullmatch(r"ST-[A-Za-z0-9-]{22,253}", ticket)


def test_old_clients_get_tickets_of_thirty_two_characters(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service(ticket_length=TicketLength.SHORT)
    assert len(browser_of(pupil).ticket()) == 32


WRONG = [
    f"{APP}/",
    f"{APP}?a=1",
    "https://app.example.fr:8443/entree",
    "http://app.example.fr/entree",
    "https://app.example.fr/Entree",
    "https://APP.example.fr/entree",
    "https://app.example.fr/entree2",
    "https://autre.example.fr/",
    "https://pas-enregistre.example/",
    "n'importe quoi",
]


@pytest.mark.parametrize("address", WRONG)
def test_another_address_is_invalid_service_and_kills_the_ticket(
    address: str, pupil: Person, browser_of: BrowserOf
) -> None:
    """T-E2."""
    make_service()
    make_service("https://autre.example.fr/", code="autre")
    ticket = browser_of(pupil).ticket()
    assert code_of(validate(ticket, address)) == "INVALID_SERVICE"
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_a_default_port_that_is_written_is_another_address(
    pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    written = "https://app.example.fr:443/entree"
    ticket = browser_of(pupil).ticket(written)
    assert user_of(validate(ticket, written))
    assert code_of(validate(browser_of(pupil).ticket(written))) == "INVALID_SERVICE"


def test_the_query_is_compared_too(pupil: Person, browser_of: BrowserOf) -> None:
    make_service()
    ticket = browser_of(pupil).ticket(f"{APP}?a=1")
    assert code_of(validate(ticket, APP)) == "INVALID_SERVICE"


@pytest.mark.parametrize("path", ["validate", "proxyValidate", "p3/serviceValidate"])
def test_a_failed_validation_kills_it_whatever_the_dialect(
    path: str, pupil: Person, browser_of: BrowserOf
) -> None:
    make_service()
    ticket = browser_of(pupil).ticket()
    body = validate(ticket, "https://autre.example.fr/", path)
    assert body == "no\n" or code_of(body) == "INVALID_SERVICE"
    assert code_of(validate(ticket)) == "INVALID_TICKET"


@pytest.mark.parametrize("seconds", [10, 60])
def test_a_ticket_lives_as_long_as_its_service_says(
    seconds: int, pupil: Person, browser_of: BrowserOf
) -> None:
    """T-E3: valid a second before, dead a second after."""
    make_service(ticket_seconds=seconds)
    browser = browser_of(pupil)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        first, second = browser.ticket(), browser.ticket()
    with time_machine.travel(now + timedelta(seconds=seconds - 1), tick=False):
        assert user_of(validate(first))
    with time_machine.travel(now + timedelta(seconds=seconds + 1), tick=False):
        assert code_of(validate(second)) == "INVALID_TICKET"


def test_a_ticket_never_lives_longer_than_a_minute(db: None) -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="service_ticket_seconds"):
        make_service(ticket_seconds=61)


NONSENSE = [
    "ST-",
    "ST-nothing",
    "x",
    "ST-" + "A" * 10_000,
    "' OR 1=1 --",
    "ST-'; DROP TABLE sso_ticket; --",
    "ST-é\u202e",
    "PT-nothing",
    "PGT-nothing",
    "\n",
    "%00",
]


@pytest.mark.parametrize("ticket", NONSENSE)
def test_nonsense_is_an_invalid_ticket(ticket: str, db: None) -> None:
    """T-E3: never an error of ours."""
    make_service()
    assert code_of(validate(ticket)) == "INVALID_TICKET"
    assert validate(ticket, path="validate") == "no\n"


def test_signing_out_kills_a_ticket_at_once(pupil: Person, browser_of: BrowserOf) -> None:
    """T-B2, T-E5."""
    make_service()
    browser = browser_of(pupil)
    ticket = browser.ticket()
    browser.client.get("/cas/logout")
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_an_import_that_closes_an_account_is_seen_at_validation(
    pupil: Person, browser_of: BrowserOf
) -> None:
    """A departure is written set-wise: no session ended yet, and still no user."""
    make_service()
    ticket = browser_of(pupil).ticket()
    Person.objects.filter(pk=pupil.pk).update(left_at=timezone.now())
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_a_service_closed_meanwhile_learns_nothing(pupil: Person, browser_of: BrowserOf) -> None:
    from sso.catalogue import registry

    service = make_service()
    ticket = browser_of(pupil).ticket()
    Service.objects.filter(pk=service.pk).update(is_open=False)
    registry.forget()
    assert code_of(validate(ticket)) == "UNAUTHORIZED_SERVICE"
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_tickets_of_another_realm_are_nothing_here(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    """Two realms share the code and nothing else."""
    make_service()
    ticket = browser_of(pupil).ticket()
    Ticket.objects.update(realm=realm.other)
    assert code_of(validate(ticket)) == "INVALID_TICKET"


def test_a_service_of_another_realm_is_not_registered_here(
    pupil: Person, browser_of: BrowserOf, realm: RealmKit
) -> None:
    make_service(realm=realm.other)
    assert browser_of(pupil).login().status_code == 403


def test_a_ticket_carries_what_was_proved(pupil: Person, browser_of: BrowserOf) -> None:
    """And whose it is: the principal of the realm, by no foreign key."""
    make_service()
    browser = browser_of(pupil)
    session = browser.client.session
    session["methods"] = ["cle-otp", "mot-de-passe"]
    session.save()
    browser.ticket()
    assert Ticket.objects.get().methods == ["cle-otp", "mot-de-passe"]


def test_a_ticket_of_nobody_is_invalid(pupil: Person, browser_of: BrowserOf) -> None:
    """Its owner was deleted between the ticket and its validation."""
    make_service()
    ticket = browser_of(pupil).ticket()
    Ticket.objects.update(subject=uuid4())
    assert code_of(validate(ticket)) == "INVALID_TICKET"
