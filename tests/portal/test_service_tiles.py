"""« Mes services »: the tile, the decision and the ticket say the same (R-G2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.models import Person
from sso.catalogue import registry
from sso.catalogue.access import may_open
from sso.models import Service, ServiceAudience, ServiceGrant
from tests.cast import Cast
from tests.sso.kit import make_service

ClientOf = Callable[[Person | None], Client]
ENTRY = "https://app.example.fr/entree"
TILE = f'href="{ENTRY}"'


@dataclass(frozen=True, slots=True)
class Case:
    """One service, and which of the cast it opens to."""

    opens_to: set[str]
    audiences: list[Mapping[str, str]] = field(default_factory=list)
    named: str = ""
    grant: Mapping[str, Any] = field(default_factory=dict)
    service: Mapping[str, Any] = field(default_factory=dict)


PEOPLE = ("pupil", "classmate", "pupil_b", "parent", "teacher", "guest")
DAY = timedelta(days=1)
CASES = {
    "nobody": Case(set()),
    "everybody": Case(set(PEOPLE), [{}]),
    "pupils": Case({"pupil", "classmate", "pupil_b"}, [{"profile": "eleve"}]),
    "pupils of A": Case({"pupil", "classmate"}, [{"profile": "eleve", "school": "school_a"}]),
    "class 4E3 with its parents": Case({"pupil", "parent", "teacher"}, [{"group": "class_a"}]),
    "parents of A": Case({"parent"}, [{"profile": "tuteur", "school": "school_a"}]),
    "two populations": Case(
        {"pupil_b", "teacher"},
        [{"profile": "eleve", "school": "school_b"}, {"profile": "enseignant"}],
    ),
    "a named user": Case({"guest"}, named="guest"),
    "a named user beside pupils of B": Case(
        {"guest", "pupil_b"}, [{"profile": "eleve", "school": "school_b"}], named="guest"
    ),
    "named until today": Case({"guest"}, named="guest", grant={"expires_on": 0}),
    "named until yesterday": Case(set(), named="guest", grant={"expires_on": -1}),
    "named and withdrawn": Case(set(), named="guest", grant={"withdrawn_at": 0}),
    "closed": Case(set(), [{}], named="guest", service={"is_open": False}),
    "opens tomorrow": Case(set(), [{}], service={"opens_on": 1}),
    "opened today": Case(set(PEOPLE), [{}], service={"opens_on": 0}),
    "over since yesterday": Case(set(), [{}], service={"closes_on": -1}),
    "last day": Case(set(PEOPLE), [{}], service={"closes_on": 0}),
}


def _write(case: Case, cast: Cast) -> Service:
    today = timezone.localdate()
    dates = {
        name: today + value * DAY if name != "is_open" else value
        for name, value in case.service.items()
    }
    service = make_service(ENTRY, is_for_all=False, home_url=ENTRY, **dates)
    for audience in case.audiences:
        ServiceAudience.objects.create(
            service=service,
            **{k: getattr(cast, v) if k != "profile" else v for k, v in audience.items()},
        )
    if case.named:
        times: dict[str, Any] = {"withdrawn_at": timezone.now()}
        if "withdrawn_at" not in case.grant:
            times = {name: today + value * DAY for name, value in case.grant.items()}
        person = getattr(cast, case.named)
        ServiceGrant.objects.create(service=service, person=person, **times)
    registry.forget()
    return service


@pytest.mark.parametrize("name", list(CASES))
def test_tile_decision_and_ticket_agree(name: str, cast: Cast, client_of: ClientOf) -> None:
    case = CASES[name]
    service = _write(case, cast)
    service = registry.catalogue().services[service.pk]
    for who in PEOPLE:
        person, expected = getattr(cast, who), who in case.opens_to
        browser = client_of(person)
        shown = TILE in browser.get("/accueil/").content.decode()
        ticket = browser.get("/cas/login", {"service": ENTRY})
        assert may_open(person, service).is_allowed == expected, who
        assert shown == expected, who
        assert (ticket.status_code == 303) == expected, who
        assert expected or ticket.status_code == 403


def test_thirty_services_cost_the_connected_page_what_one_costs(
    cast: Cast, client_of: ClientOf, settings: Any
) -> None:
    """6-performance: at most twelve statements in all, the question for the catalogue included."""

    def queries(browser: Client) -> int:
        browser.get("/accueil/")
        with CaptureQueriesContext(connection) as captured:
            browser.get("/accueil/")
        return len(captured)

    settings.SSO_CATALOGUE_SECONDS = 0
    make_service(ENTRY, home_url=ENTRY)
    browser = client_of(cast.parent)
    few = queries(browser)
    for number in range(30):
        address = f"https://s{number}.example.fr/"
        service = make_service(address, code=f"s{number}", home_url=address, is_for_all=False)
        ServiceAudience.objects.create(service=service, school=cast.school_a)
    assert queries(browser) == few
    assert few <= 12


def test_a_service_without_entry_has_no_tile_and_still_opens(
    cast: Cast, client_of: ClientOf
) -> None:
    make_service(ENTRY, name="Sans tuile")
    browser = client_of(cast.pupil)
    assert "Sans tuile" not in browser.get("/accueil/").content.decode()
    assert browser.get("/cas/login", {"service": ENTRY}).status_code == 303


def test_whoever_has_several_schools_reads_whose_service_it_is(
    cast: Cast, client_of: ClientOf
) -> None:
    make_service(ENTRY, home_url=ENTRY, name="CDI", school=cast.school_a)
    assert "Collège Aristide-Briand." in client_of(cast.parent).get("/accueil/").content.decode()
    assert "Collège Aristide-Briand." not in client_of(cast.pupil).get("/accueil/").content.decode()


def test_a_refused_person_reads_for_whom_it_is_and_whom_to_ask(
    cast: Cast, client_of: ClientOf
) -> None:
    service = make_service(ENTRY, is_for_all=False, name="Carnet des professeurs")
    ServiceAudience.objects.create(service=service, profile="enseignant")
    answer = client_of(cast.pupil).get("/cas/login", {"service": ENTRY})
    text = answer.content.decode()
    assert answer.status_code == 403
    for words in ("Carnet des professeurs", "enseignant", "Manon Élève", "Aristide-Briand"):
        assert words in text
    ServiceAudience.objects.create(service=service, profile="eleve", school=cast.school_b)
    registry.forget()
    text = client_of(cast.pupil).get("/cas/login", {"service": ENTRY}).content.decode()
    assert "certaines classes" in text
    assert "Morisot" not in text
