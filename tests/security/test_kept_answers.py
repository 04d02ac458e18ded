"""A refused form ends on a page that is opened by a GET: « Retour » leads back to it (0134)."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from signin.kept_answers import services
from signin.kept_answers.models import KeptAnswer
from signin.tasks import purge
from tests.accounts.signing import no_terms
from tests.cast import Cast, verified_client
from tests.rights import RULES, Rule

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db
#: What a browser says of a form that it sends and whose answer it will show.
NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


#: Posts answered by a page that is no refusal: it is sent once and kept nowhere.
NOT_KEPT = {
    "services:opening": "asks to confirm who will see the service",
    "pronote:add-secret": "shows a secret, once",
}
SIGN_IN = "/connexion/autres-comptes/"


def browser_of(client: Client) -> Client:
    """The client with the cookie that a page with a form gave it."""
    client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    return client


def sends(client: Client, address: str, data: dict[str, Any]) -> TestResponse:
    """Post as a browser does."""
    answer: TestResponse = client.post(
        address, {"csrfmiddlewaretoken": "x", **data}, headers=NAVIGATES
    )
    return answer


def test_every_form_of_the_matrix_that_is_refused_ends_on_a_page_of_its_own(cast: Cast) -> None:
    """It walks every POST of the matrix with nothing typed, as somebody who may act."""
    jars: dict[str, Any] = {}
    plain = set()
    for name, rule in RULES.items():
        if not isinstance(rule, Rule) or not rule.POST:
            continue
        profile = "nobody" if "nobody" in rule.POST else min(rule.POST)
        if profile not in jars:
            signed = Client() if profile == "nobody" else verified_client(getattr(cast, profile))
            jars[profile] = browser_of(signed).cookies
        client = Client()
        client.cookies = copy.deepcopy(jars[profile])
        with transaction.atomic():
            response = sends(client, reverse(name, kwargs=dict(rule.at(cast))) + rule.query, {})
            transaction.set_rollback(True)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code not in {302, 303} and is_page:
            plain.add(name)
    assert plain == set(NOT_KEPT)


def refused_block(cast: Cast) -> tuple[Client, str]:
    """A desk act refused for want of a reason: the browser, and where it was led."""
    client = browser_of(verified_client(cast.manager_a))
    address = reverse("credentials:block", args=[cast.pupil.uuid])
    led = sends(client, address, {"motif": "", "jusqu_au": "12/13/2026"})
    assert led.status_code == 303
    assert led.headers["Location"].startswith(f"{address}?refus=")
    return client, led.headers["Location"]


def test_the_answer_is_shown_as_often_as_one_comes_back_and_for_ten_minutes(cast: Cast) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client, address = refused_block(cast)
        for _ in range(2):
            page = client.get(address)
            assert page.status_code == 200
            assert "12/13/2026" in page.text
            assert "no-store" in page.headers["Cache-Control"]
        clock.shift(timedelta(minutes=10, seconds=1))
        late = client.get(address)
        assert late.status_code == 303
        assert late.headers["Location"] == address.partition("?")[0]
        purge()
        assert not KeptAnswer.objects.exists()


def test_it_is_sealed_and_nobody_else_gets_it(cast: Cast) -> None:
    client, address = refused_block(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM signin_keptanswer k")
        [(row,)] = cursor.fetchall()
    assert "12/13" not in row and b"12/13".hex() not in row
    again = browser_of(verified_client(cast.manager_a))
    assert again.get(address).status_code == 303, "another session of the same person"
    assert Client().get(address).status_code in {302, 303}
    other = address.replace("/bloquer/", "/retablir/")
    assert other == address or client.get(other).status_code == 303, "another address"
    client.post("/deconnexion/")
    assert not KeptAnswer.objects.exists()


def test_its_forms_have_a_token_that_serves_and_no_password(cast: Cast) -> None:
    no_terms()
    client = browser_of(Client())
    posted = {"username": cast.pupil.account.login, "password": "un mauvais secret"}
    led = sends(client, SIGN_IN, posted)
    pages = [client.get(led.headers["Location"]) for _ in range(2)]
    tokens = {page.text.split('name="csrfmiddlewaretoken" value="')[1][:64] for page in pages}
    assert len(tokens) == 2, "a ticket serves once: each showing has its own"
    assert "incorrect" in pages[0].text
    assert "form-action" not in pages[0].headers["Content-Security-Policy"]
    assert cast.pupil.account.login in pages[0].text
    assert "un mauvais secret" not in pages[0].text


def test_programs_and_browsers_without_cookies_are_answered_directly() -> None:
    no_terms()
    posted = {"username": "personne", "password": "un mauvais secret"}
    assert Client().post(SIGN_IN, posted).status_code == 200
    assert sends(Client(), SIGN_IN, posted).status_code == 200
    script = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    assert browser_of(Client()).post(SIGN_IN, posted, headers=script).status_code == 200
    assert not KeptAnswer.objects.exists()


def test_five_answers_of_a_browser_and_no_table_without_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = refused_block(cast)
    address = reverse("credentials:block", args=[cast.pupil.uuid])
    for _ in range(6):
        sends(client, address, {"motif": ""})
    assert KeptAnswer.objects.count() == 5
    monkeypatch.setattr(services, "MOST_OF_NOBODY", 1)
    statuses = [
        sends(browser_of(Client()), SIGN_IN, {"username": "x", "password": "y"}).status_code
        for _ in range(2)
    ]
    assert statuses == [303, 403]
