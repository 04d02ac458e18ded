"""« Valider » of the mire with an academy chosen leads straight there (decision 0030)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from accounts.doors.base import breaker
from accounts.enums import DoorFault
from accounts.models import Account, Door
from tests.accounts.academy import StandIn, come_back, who

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db


def leave_by_the_mire(client: Client, door: Door, *, remember: str = "non") -> TestResponse:
    """Choose an academy on the mire and press « Valider »."""
    form = {"profil": "enseignant", "guichet-enseignant": door.code, "memoriser": remember}
    return client.post("/connexion/?next=/mon-compte/", form)


def test_valider_leads_straight_to_the_academy(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """No second button; what one wanted to open opens after the academy."""
    answer = leave_by_the_mire(client, door)
    assert answer.status_code == 200
    assert answer.headers["Refresh"].startswith(f"0; url={academy.url}login?service=")
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    back = come_back(client, door, "ST-1")
    assert (back.status_code, back.headers["Location"]) == (303, "/mon-compte/")
    assert who(client) == account.login


def test_a_remembered_choice_leaves_now_and_shows_the_button_next_time(
    client: Client, door: Door
) -> None:
    """R-B2: nobody is led away by an address that was merely opened."""
    assert "Refresh" in leave_by_the_mire(client, door, remember="oui").headers
    page = client.get("/connexion/", follow=True)
    assert "Refresh" not in page.headers
    assert "Continuer vers" in page.content.decode()


def test_after_a_sign_out_the_button_stays(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """R-B9: on a shared computer the academy may know the person before still."""
    leave_by_the_mire(client, door)
    academy.issue("ST-1", "jdupont", mail=account.person.email)
    come_back(client, door, "ST-1")
    client.post("/deconnexion/")
    answer = leave_by_the_mire(client, door)
    assert answer.headers["Location"].startswith(f"/connexion/{door.code}/")
    assert "Refresh" not in client.get(answer.headers["Location"]).headers


def test_an_academy_that_does_not_answer_is_said_before_anybody_leaves(
    client: Client, door: Door
) -> None:
    for _ in range(breaker.FAILURES):
        breaker.note_failure(door, DoorFault.REFUSED)
    answer = leave_by_the_mire(client, door)
    assert answer.status_code == 303
    assert "ne répond pas" in client.get(answer.headers["Location"]).content.decode()


def test_a_choice_that_another_site_sends_leaves_for_nowhere(door: Door) -> None:
    """T-B4: leaving by the mire asks for the token of the mire's form."""
    answer = leave_by_the_mire(Client(enforce_csrf_checks=True), door)
    assert answer.status_code == 403
    assert "Refresh" not in answer.headers
