"""Whatever ends a session, what was tied to its sign-on hears of it, once and set-wise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import cast
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.desk.blocking import block_account
from accounts.models import Account
from accounts.session_ends.endings import end_account_sessions
from signin import tasks as signin_tasks
from signin.sessions import endings
from signin.sessions.endings import on_sessions_ended
from signin.sessions.models import Session
from signin.sessions.principals import current_principal
from signin.sessions.store import SessionStore, hash_key, sign_on_of
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms, sign_in

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-10-05T12:00:00+02:00")


@pytest.fixture(autouse=True)
def without_terms() -> None:
    no_terms()


@pytest.fixture
def account() -> Account:
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    return make.make_account(person=person)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[UUID, ...]]]:
    """What a higher room heard, call by call."""
    heard: list[tuple[UUID, ...]] = []
    monkeypatch.setattr(endings, "ending_hooks", [])
    on_sessions_ended(heard.append)
    yield heard


def signed_in(account: Account, password: str = make.PASSWORD) -> Client:
    client = Client()
    assert sign_in(client, account.login, password).status_code == 303
    return client


def sign_on_in(client: Client) -> UUID:
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    found = Session.objects.get(key_hash=hash_key(key)).sign_on
    assert found is not None
    return found


def change_password(client: Client) -> None:
    form = {
        "current_password": make.PASSWORD,
        "new_password": GOOD_PASSWORD,
        "confirmation": GOOD_PASSWORD,
    }
    assert client.post("/mon-compte/mot-de-passe/", form).status_code == 302


def test_each_sign_in_has_a_name_of_its_own_and_visitors_have_none(account: Account) -> None:
    first, second = signed_in(account), signed_in(account)
    assert sign_on_in(first) != sign_on_in(second)
    store = SessionStore()
    store["colour"] = "dark"
    store.save()
    assert Session.objects.filter(principal=None).get().sign_on is None


def test_the_name_is_known_to_a_request_and_says_nothing_of_the_key(account: Account) -> None:
    client = signed_in(account)
    request = HttpRequest()
    request.session = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    request.user = cast("Account", current_principal(request))
    assert sign_on_of(request) == sign_on_in(client)
    visitor = HttpRequest()
    visitor.session = SessionStore()
    visitor.user = cast("Account", current_principal(visitor))
    assert sign_on_of(visitor) is None


def test_a_new_key_keeps_the_name(account: Account, ended: list[tuple[UUID, ...]]) -> None:
    client = signed_in(account)
    before = sign_on_in(client)
    change_password(client)
    assert sign_on_in(client) == before
    assert ended == []


def test_sign_out(account: Account, ended: list[tuple[UUID, ...]]) -> None:
    client = signed_in(account)
    signed_in(account)
    sign_on = sign_on_in(client)
    client.post("/deconnexion/")
    client.post("/deconnexion/")
    assert ended == [(sign_on,)]


def test_somebody_else_signing_in_in_the_same_browser(
    account: Account, ended: list[tuple[UUID, ...]]
) -> None:
    client = signed_in(account)
    sign_on = sign_on_in(client)
    pending, code = make_pending()
    sign_in(client, pending.login, code)
    assert ended == [(sign_on,)]
    assert sign_on_in(client) != sign_on


def test_a_block_ends_all_at_once(account: Account, ended: list[tuple[UUID, ...]]) -> None:
    sign_ons = {sign_on_in(signed_in(account)) for _ in range(3)}
    block_account(account=account, actor=None)
    assert [set(call) for call in ended] == [sign_ons]


def test_a_new_password_ends_the_others(account: Account, ended: list[tuple[UUID, ...]]) -> None:
    client, other = signed_in(account), signed_in(account)
    sign_on = sign_on_in(other)
    change_password(client)
    assert ended == [(sign_on,)]


def test_another_epoch_by_the_service(account: Account, ended: list[tuple[UUID, ...]]) -> None:
    sign_on = sign_on_in(signed_in(account))
    assert end_account_sessions(account=account) == (sign_on,)
    assert ended == [(sign_on,)]


def test_a_session_found_dead_at_a_request(account: Account, ended: list[tuple[UUID, ...]]) -> None:
    client = signed_in(account)
    sign_on = sign_on_in(client)
    Account.objects.update(epoch=7)
    client.get("/mon-compte/")
    client.get("/mon-compte/")
    assert ended == [(sign_on,)]


def test_a_limit_found_reached_at_a_request(
    account: Account, ended: list[tuple[UUID, ...]]
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(account)
        sign_on = sign_on_in(client)
        clock.shift(61 * 60)
        client.get("/mon-compte/")
    assert ended == [(sign_on,)]


def test_the_purge_of_what_is_over(
    account: Account, ended: list[tuple[UUID, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "CHUNK_SESSIONS", 2)
    with time_machine.travel(NOON, tick=False) as clock:
        sign_ons = {sign_on_in(signed_in(account)) for _ in range(3)}
        clock.shift(61 * 60)
        signed_in(account)
        signin_tasks.purge()
    assert {sign_on for call in ended for sign_on in call} == sign_ons
    assert Session.objects.count() == 1


def test_many_accounts_closed_in_sql_are_ended_without_a_request(
    ended: list[tuple[UUID, ...]],
) -> None:
    """What an import notes (departures, epochs) reaches the services of people who never return."""
    school = make.make_school()
    accounts = [make.make_account(person=make.make_person(school=school)) for _ in range(4)]
    left, raised, blocked, fine = accounts
    sign_ons = [sign_on_in(signed_in(account)) for account in accounts]
    type(left.person).objects.filter(pk=left.person_id).update(left_at=timezone.now())
    Account.objects.filter(pk=raised.pk).update(epoch=3)
    Account.objects.filter(pk=blocked.pk).update(state="bloque")
    tasks.end_dead()
    assert {sign_on for call in ended for sign_on in call} == set(sign_ons[:3])
    assert Session.objects.get().principal == fine.uuid


def test_when_a_hook_fails_nothing_has_ended(account: Account) -> None:
    """The ending and what hangs on it are one transaction."""
    signed_in(account)

    def refuse(sign_ons: tuple[UUID, ...]) -> None:
        raise RuntimeError("no")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endings, "ending_hooks", [refuse])
        with pytest.raises(RuntimeError):
            block_account(account=account, actor=None)
    account.refresh_from_db()
    assert account.state == "active"
    assert Session.objects.count() == 1
