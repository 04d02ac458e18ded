"""A sign-in form that was left open too long: try again, nothing was wrong with what was typed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts.signing import local_door, make_pending, sign_in

pytestmark = pytest.mark.django_db
_ADVICE = "touche majuscules"


def test_a_form_left_open_too_long_blames_nothing_that_was_typed() -> None:
    """T-B5: the ticket was used or is over; advice about the code would send people astray."""
    account, code = make_pending()
    address = reverse("accounts:door", args=[local_door().code])
    client = Client(enforce_csrf_checks=True)
    client.get(address)
    answer = client.post(address, {"username": account.login, "password": code})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "ouverte depuis trop longtemps" in page
    assert _ADVICE not in page


def test_a_ticket_in_a_header_serves_no_more_than_one_in_the_form() -> None:
    """T-B5: it would serve as often as it is sent."""
    account, code = make_pending()
    address = reverse("accounts:door", args=[local_door().code])
    client = Client(enforce_csrf_checks=True)
    token = str(client.get(address).context["csrf_token"])
    answer = client.post(
        address, {"username": account.login, "password": code}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 403
    assert "ouverte depuis trop longtemps" in answer.content.decode()


def test_a_refused_sign_in_says_what_to_check() -> None:
    """R-B4."""
    account, _ = make_pending()
    assert _ADVICE in sign_in(Client(), account.login, "faux").content.decode()
