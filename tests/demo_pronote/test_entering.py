"""Coming in over the portal's CAS server, by any of four validation endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from django.conf import settings as django_settings
from django.test import Client

from demo.pronote.base.people import EntPerson, Pairing
from demo.pronote.entry.cas import Endpoint
from directory.enums import Profile
from directory.models import Person
from sso.enums import LogoutMode
from sso.logout import notices as logout
from sso.models import Service, ServiceIdentifier
from sso.release.identifiers import identifiers_for
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.demo_pronote.conftest import PEOPLE
from tests.demo_pronote.kit import Desk, service_in, serving, settings_for
from tests.kit.server import LiveSite
from tests.sso.kit import make_service

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Person | None], Client]


@dataclass
class Pronote:
    """A running base whose people are those of the portal, paired with them."""

    desk: Desk
    people: dict[str, Person]

    def browser(self, client: Client) -> requests.Session:
        """A browser that is signed in to the portal as the test client is."""
        session = requests.Session()
        name = django_settings.SESSION_COOKIE_NAME
        session.cookies.set(name, client.cookies[name].value)
        return session

    def open(self, browser: requests.Session, page: str) -> requests.Response:
        """Open a page of Pronote, following the way through the portal."""
        return browser.get(f"{self.desk.url}/pronote/{page}", timeout=20)


@pytest.fixture
def pronote(live_site: LiveSite, folder: Path) -> Iterator[Pronote]:
    """Four people of one school, known on both sides, and one whom Pronote does not know."""
    no_terms()
    school = make.make_school(name="Collège Aristide-Briand")
    people = {
        "pupil": make.make_person(given_name="Rose", school=school),
        "parent": make.make_person(given_name="Nathalie", profile=Profile.GUARDIAN, school=school),
        "teacher": make.make_person(given_name="Claude", profile=Profile.TEACHER, school=school),
        "head": make.make_person(given_name="Denis", profile=Profile.HEAD, school=school),
        "stranger": make.make_person(given_name="Oscar", school=school),
    }
    for one in people.values():
        make.make_account(person=one)
    start = settings_for(folder, PEOPLE, cas_base_url=f"{live_site.url}/cas", is_delegated=True)
    with serving(start) as desk:
        service = make_service(f"{desk.url}/pronote/", code="pronote")
        known = [one for role, one in people.items() if role != "stranger"]
        values = identifiers_for(person_ids=[one.pk for one in known], service_id=service.pk)
        numbers = {"pupil": 1, "parent": 10, "teacher": 20, "head": 30}
        for role, number in numbers.items():
            line = desk.program.base.people[number]
            other = EntPerson(
                population=line.population,
                identifier=values[people[role].pk],
                family_name=line.family_name,
                given_name=line.given_name,
            )
            desk.program.base.pair(line, other, Pairing.AUTOMATIC)
        yield Pronote(desk, people)


@pytest.mark.parametrize("endpoint", list(Endpoint))
def test_each_of_the_four_validation_endpoints_brings_one_in(
    pronote: Pronote, client_of: ClientOf, endpoint: Endpoint
) -> None:
    pronote.desk.program.base.delegation.endpoint = endpoint.value
    browser = pronote.browser(client_of(pronote.people["pupil"]))
    page = pronote.open(browser, "eleve.html")
    assert page.status_code == 200
    assert "Bonjour Rose DELAUNAY" in page.text
    assert page.url == f"{pronote.desk.url}/pronote/eleve.html"
    again = pronote.open(browser, "eleve.html")
    assert not again.history


@pytest.mark.parametrize(
    ("role", "space", "name"),
    [
        ("pupil", "eleve", "Bonjour Rose DELAUNAY"),
        ("parent", "parent", "Bonjour Nathalie BRUNET"),
        ("teacher", "professeur", "Bonjour Claude LEFEVRE"),
        ("head", "direction", "Bonjour Denis PRINCIPAL"),
    ],
)
def test_everybody_enters_their_own_space_and_no_other(
    pronote: Pronote, client_of: ClientOf, role: str, space: str, name: str
) -> None:
    client = client_of(pronote.people[role])
    for page in (f"{space}.html", f"mobile.{space}.html"):
        answer = pronote.open(pronote.browser(client), page)
        assert name in answer.text
        assert ("version mobile" in answer.text) == page.startswith("mobile.")
    for other in {"direction", "viescolaire", "professeur", "parent", "eleve"} - {space}:
        refused = pronote.open(pronote.browser(client), f"{other}.html")
        assert refused.status_code == 403
        assert name not in refused.text
        assert f'href="/pronote/{space}.html"' in refused.text


def test_who_is_not_paired_is_told_whom_to_ask(pronote: Pronote, client_of: ClientOf) -> None:
    browser = pronote.browser(client_of(pronote.people["stranger"]))
    answer = pronote.open(browser, "eleve.html")
    assert answer.status_code == 403
    assert "n’est pas encore reconnu par Pronote" in answer.text
    assert "Oscar" not in answer.text


def test_the_browser_is_sent_to_the_portal_with_the_page_as_its_service(pronote: Pronote) -> None:
    address = f"{pronote.desk.url}/pronote/eleve.html"
    answer = requests.get(address, allow_redirects=False, timeout=10)
    location = answer.headers["Location"]
    assert answer.status_code == 303
    assert service_in(location) == address
    assert "service=http:%2F%2F" in location


def test_a_used_or_invented_ticket_brings_nobody_in(pronote: Pronote, client_of: ClientOf) -> None:
    browser = pronote.browser(client_of(pronote.people["pupil"]))
    way = pronote.open(browser, "eleve.html").history
    (with_ticket,) = [one.url for one in way if "ticket=" in one.url]
    for endpoint in Endpoint:
        pronote.desk.program.base.delegation.endpoint = endpoint.value
        for address in (with_ticket, f"{pronote.desk.url}/pronote/eleve.html?ticket=ST-invented"):
            answer = requests.get(address, timeout=20)
            assert answer.status_code == 403
            assert "n’a pas confirmé" in answer.text
            assert "Rose" not in answer.text


def test_a_portal_that_does_not_answer_is_said_so(pronote: Pronote) -> None:
    pronote.desk.program.base.delegation.cas_base_url = "http://127.0.0.1:9"
    address = f"{pronote.desk.url}/pronote/eleve.html?ticket=ST-1"
    answer = requests.get(address, timeout=20)
    assert (answer.status_code, "ne répond pas" in answer.text) == (403, True)


def test_a_sign_out_of_the_portal_is_heard_when_the_box_is_ticked(
    pronote: Pronote, client_of: ClientOf
) -> None:
    Service.objects.filter(code="pronote").update(logout_mode=LogoutMode.BACK_CHANNEL)
    for hears in (False, True):
        pronote.desk.program.base.delegation.hears_sign_out = hears
        client = client_of(pronote.people["pupil"])
        browser = pronote.browser(client)
        pronote.open(browser, "eleve.html")
        client.post("/deconnexion/")
        logout.send_due()
        address = f"{pronote.desk.url}/pronote/eleve.html"
        status = browser.get(address, allow_redirects=False, timeout=10).status_code
        assert status == (303 if hears else 200)
    assert ServiceIdentifier.objects.count() == 4
