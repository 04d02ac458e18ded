"""« warn »: asked for with the credentials, and what it does to a gateway (CAS 3.0.3, 2.2.1)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from lxml import html

from directory.models import Person
from tests.sso.kit import APP, make_service, ticket_in
from tests.sso.protocol.test_sign_in import FORM
from tests.sso.realm_kits import RealmKit

OTHER = "https://autre.example.fr/"


def two_services() -> None:
    make_service()
    make_service(OTHER, code="autre")


def test_warn_sent_with_the_credentials_is_obeyed_from_the_next_service_on(
    pupil: Person, realm: RealmKit
) -> None:
    two_services()
    client = Client()
    path = f"/cas/login?service={APP}&{realm.in_place}"
    assert ticket_in(client.post(path, {**FORM, "warn": "on"}))
    asked = client.get(f"/cas/login?service={OTHER}")
    assert asked.status_code == 200
    assert "Service autre" in asked.content.decode()


@pytest.mark.parametrize("warn", [{}, {"warn": "false"}])
def test_who_does_not_ask_is_not_warned(
    warn: dict[str, str], pupil: Person, realm: RealmKit
) -> None:
    two_services()
    client = Client()
    client.post(f"/cas/login?service={APP}&{realm.in_place}", {**FORM, **warn})
    assert ticket_in(client.get(f"/cas/login?service={OTHER}"))


def test_a_refused_password_asks_for_no_warning(pupil: Person, realm: RealmKit) -> None:
    two_services()
    client = Client()
    path = f"/cas/login?service={APP}&{realm.in_place}"
    client.post(path, {**FORM, "password": "mauvais", "warn": "on"})
    assert ticket_in(client.post(path, FORM))
    assert ticket_in(client.get(f"/cas/login?service={OTHER}"))


def test_a_gateway_of_somebody_to_be_warned_comes_back_without_ticket(
    pupil: Person, realm: RealmKit
) -> None:
    """Nothing is asked of anybody, and nothing is opened in silence."""
    two_services()
    client = Client()
    client.post(f"/cas/login?service={APP}&{realm.in_place}", {**FORM, "warn": "on"})
    answer = client.get(f"/cas/login?service={OTHER}&gateway=true")
    assert (answer.status_code, answer.headers["Location"]) == (303, OTHER)


@pytest.mark.parametrize("in_place", [True, False])
def test_the_box_is_offered_where_no_reader_of_pages_sends_it_unasked(
    in_place: bool, pupil: Person, realm: RealmKit
) -> None:
    """Such programs send the value of every input of the form, ticked or not."""
    if not realm.form_page.startswith("/connexion/"):
        pytest.skip("the guichet's form offers no box")
    make_service()
    own = f"/cas/login?service={quote(APP, safe='')}"
    path = f"{own}&{realm.in_place}" if in_place else f"{realm.form_page}?next={quote(own)}"
    page = html.fromstring(Client().get(path).content.decode())
    box = page.find(".//input[@name='warn']")
    assert box is not None
    assert (box.get("type"), box.get("value"), box.get("checked")) == ("checkbox", None, None)
    assert page.find(".//form//input[@name='warn']") is None
    form = page.find(f".//form[@id='{box.get('form')}']")
    assert form is not None
    assert form.find(".//input[@name='password']") is not None


def test_warn_on_the_page_of_a_door_is_obeyed_too(pupil: Person, realm: RealmKit) -> None:
    if not realm.form_page.startswith("/connexion/"):
        pytest.skip("the guichet's form offers no box")
    two_services()
    client = Client()
    own = quote(f"/cas/login?service={quote(APP, safe='')}", safe="")
    client.post(f"{realm.form_page}?next={own}", {**FORM, "warn": "on"})
    assert client.get(f"/cas/login?service={OTHER}").status_code == 200
