"""What is posted to a door that asks for no password: nothing is used, counted or told."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.test import Client

from accounts.enums import Audience, DoorKind
from accounts.local.statements import account_of_row
from accounts.models import Door, SignInState
from signin.form_tickets.models import LoginTicket
from signin.sessions.models import Session
from signin.throttle.models import AddressTry, ThrottleCounter
from tests import factories as make
from tests.accounts.signing import sign_in

pytestmark = pytest.mark.django_db


def assert_nothing_happened() -> None:
    for model in (ThrottleCounter, AddressTry, LoginTicket, Session):
        assert not model.objects.exists(), model


@pytest.fixture
def login() -> str:
    return make.make_account(person=make.make_person(school=make.make_school())).login


def test_an_unknown_door_is_not_found(login: str) -> None:
    assert sign_in(Client(), login, make.PASSWORD, door="nulle-part").status_code == 404
    assert_nothing_happened()


@pytest.mark.parametrize(
    ("kind", "is_open"), [(DoorKind.LOCAL, False), (DoorKind.CAS, True), (DoorKind.CAS, False)]
)
def test_a_door_without_password_opens_nothing(login: str, kind: DoorKind, is_open: bool) -> None:
    Door.objects.create(
        code="essai", label="d’essai", kind=kind, audiences=[Audience.OTHER], is_open=is_open
    )
    answer = sign_in(Client(), login, make.PASSWORD, door="essai")
    assert answer.status_code == 200
    assert "d’essai" in answer.content.decode()
    assert 'name="password"' not in answer.content.decode()
    assert_nothing_happened()


def test_whose_login_it_is_makes_no_difference_there(login: str) -> None:
    """Nothing is counted at such a door, so its time must not tell who exists: nobody is read."""
    with patch("accounts.local.statements.account_of_row", side_effect=account_of_row) as read:
        for typed in (login, "personne"):
            sign_in(Client(), typed, make.PASSWORD, door="nulle-part")
    assert [call.args[0][0] for call in read.call_args_list] == [None, None]


def test_its_form_is_not_used_up(login: str) -> None:
    """A door that closes for a moment does not make the page stale that somebody has open."""
    client = Client(enforce_csrf_checks=True)
    page = client.get("/connexion/autres-comptes/").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"username": login, "password": make.PASSWORD, "csrfmiddlewaretoken": token}
    Door.objects.update(is_open=False)
    assert client.post("/connexion/autres-comptes/", form).status_code == 200
    assert_nothing_happened()
    Door.objects.update(is_open=True)
    assert client.post("/connexion/autres-comptes/", form).status_code == 303


def test_the_success_is_noted_with_the_session_or_not_at_all(
    login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that fails opens nothing, and the journal does not say that somebody came in."""

    def fail(*args: object, **named: object) -> None:
        raise RuntimeError("the answer fails")

    with monkeypatch.context() as patch:
        patch.setattr("signin.devices.remember_device", fail)
        client = Client(raise_request_exception=False)
        assert sign_in(client, login, make.PASSWORD).status_code == 500
    assert not Session.objects.exists()
    assert ThrottleCounter.objects.get().tries == 1
    assert not SignInState.objects.exists()
