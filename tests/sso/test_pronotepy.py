"""pronotepy, unmodified: it signs in by reading our pages, then opens the service (4-pronote)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from lxml import html
from pronotepy import ENTLoginError, ent

from directory.models import Person
from tests import factories as make
from tests.kit.server import LiveSite
from tests.sso.kit import make_service
from tests.sso.test_browser import App, running
from tests.sso.test_clients import opaque_id, person

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Its own: it reads pages by a method that its library calls by another name now.
    pytest.mark.filterwarnings("ignore:Call to deprecated method findAll:DeprecationWarning"),
]
__all__ = ["person"]  # a fixture

LOGIN = "manon.eleve"
Enter = Callable[..., Any]
# Three of its ENTs, one for each way of finding the form; they are told our address.
cas_kosmos, atrium_sud, laclasse_lyon = (
    vars(ent)[name] for name in ("cas_kosmos", "atrium_sud", "laclasse_lyon")
)

#: How pronotepy's ENTs find the form: by its class, by its identifier, or any form of the page.
WAYS: dict[str, tuple[Enter, dict[str, Any]]] = {
    "by its class": (cas_kosmos, {}),
    "by its identifier": (atrium_sud, {}),
    "the first form": (laclasse_lyon, {"form_attr": {}}),
    "the first form that is posted": (laclasse_lyon, {"form_attr": {"method": "post"}}),
}


@pytest.fixture
def pronote(live_site: LiveSite, person: Person) -> Iterator[App]:
    """A service that signs in over CAS and says good day."""
    with running(f"{live_site.url}/cas") as app:
        make_service(app.home)
        yield app


def address(site: LiveSite, service: str) -> str:
    """The address of the sign-in page that an ENT publishes for such programs."""
    asked = f"service={quote(service, safe='')}&" if service else ""
    return f"{site.url}/cas/login?{asked}guichet=autres-comptes"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("with_service", [True, False])
def test_it_comes_in_and_then_opens_the_service_without_another_form(
    way: str, with_service: bool, live_site: LiveSite, pronote: App, person: Person
) -> None:
    enter, options = WAYS[way]
    url = address(live_site, pronote.home if with_service else "")
    cookies = enter(LOGIN, make.PASSWORD, url=url, **options)
    page = requests.get(pronote.home, cookies=cookies, timeout=20)
    assert page.url == pronote.home
    assert f"Bonjour {opaque_id(person)}" in page.text
    assert html.fromstring(page.text).find(".//form") is None


@pytest.mark.parametrize("way", WAYS)
def test_the_address_need_not_name_a_door(
    way: str, live_site: LiveSite, pronote: App, person: Person
) -> None:
    enter, options = WAYS[way]
    url = f"{live_site.url}/cas/login?service={quote(pronote.home, safe='')}"
    cookies = enter(LOGIN, make.PASSWORD, url=url, **options)
    page = requests.get(pronote.home, cookies=cookies, timeout=20)
    assert f"Bonjour {opaque_id(person)}" in page.text
    with pytest.raises(ENTLoginError):
        enter(LOGIN, "mauvais", url=url, **options)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("with_service", [True, False])
def test_a_wrong_password_is_told_as_such(
    way: str, with_service: bool, live_site: LiveSite, pronote: App
) -> None:
    enter, options = WAYS[way]
    url = address(live_site, pronote.home if with_service else "")
    with pytest.raises(ENTLoginError):
        enter(LOGIN, "mauvais", url=url, **options)


def test_the_page_of_a_door_will_do(live_site: LiveSite, pronote: App, person: Person) -> None:
    cookies = cas_kosmos(LOGIN, make.PASSWORD, url=f"{live_site.url}/connexion/autres-comptes/")
    page = requests.get(pronote.home, cookies=cookies, timeout=20)
    assert f"Bonjour {opaque_id(person)}" in page.text


def test_nobody_is_warned_who_did_not_ask(live_site: LiveSite, pronote: App) -> None:
    """It sends every input of the form; the box of `warn` is none of them."""
    cookies = cas_kosmos(LOGIN, make.PASSWORD, url=address(live_site, pronote.home))
    with running(f"{live_site.url}/cas") as other:
        make_service(other.home, code="autre")
        assert "Bonjour" in requests.get(other.home, cookies=cookies, timeout=20).text
