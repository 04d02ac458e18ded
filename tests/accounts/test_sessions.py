"""Sessions: hashed, of one realm, bounded in time, dead as soon as they must be."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.desk.blocking import block_account, unblock_account
from accounts.local.sign_in import Attempt, SignIn, attempt_sign_in
from accounts.models import Account
from accounts.session_ends.endings import end_account_sessions
from directory.enums import Role
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.jobs.services import enqueue
from signin import tasks
from signin.enums import Realm
from signin.sessions.models import Session
from signin.sessions.store import SessionStore, hash_key
from tests import factories as make
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms, sign_in
from tests.cast import mark_verified

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-10-05T08:00:00+02:00")


@pytest.fixture(autouse=True)
def without_terms() -> None:
    no_terms()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account() -> Account:
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    return make.make_account(person=person)


def signed_in(account: Account, password: str = make.PASSWORD) -> Client:
    client = Client()
    assert sign_in(client, account.login, password).status_code == 303
    return client


def is_open(client: Client) -> bool:
    """Does the browser's session still open a page?"""
    return client.get("/mon-compte/").status_code == 200


def key_of(client: Client) -> str:
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_the_key_is_nowhere_in_the_database(account: Account) -> None:
    client = signed_in(account)
    assert Session.objects.get().key_hash == hash_key(key_of(client))
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM signin_session s")
        assert key_of(client) not in cursor.fetchone()[0]


@pytest.mark.parametrize("how", ["password", "code", "choice", "change"])
def test_each_step_up_gives_a_new_session_and_a_new_forgery_secret(
    how: str, account: Account
) -> None:
    """T-B1: an id fixed beforehand is worth nothing."""
    client = Client()
    pending, code = make_pending()
    client.get("/connexion/autres-comptes/")
    if how == "choice":
        sign_in(client, pending.login, code)
    elif how == "change":
        sign_in(client, account.login, make.PASSWORD)
    else:
        store = SessionStore()
        store["planted"] = "by somebody else"
        store.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key or ""
    before, secret = key_of(client), client.cookies[settings.CSRF_COOKIE_NAME].value
    if how == "password":
        sign_in(client, account.login, make.PASSWORD)
    elif how == "code":
        sign_in(client, pending.login, code)
    elif how == "choice":
        choice = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
        client.post("/premiers-pas/mot-de-passe/", choice)
    else:
        change(client, make.PASSWORD)
    assert key_of(client) != before
    assert client.cookies[settings.CSRF_COOKIE_NAME].value != secret
    assert not Session.objects.filter(key_hash=hash_key(before)).exists()
    assert "planted" not in Session.objects.get(key_hash=hash_key(key_of(client))).data


def test_who_signs_in_again_keeps_the_sign_on_under_another_key(
    account: Account, clock: time_machine.Traveller
) -> None:
    """T-B1 and T-B3 hold: the former key is dead, and a password typed is a visit."""
    client = signed_in(account)
    before, secret = key_of(client), client.cookies[settings.CSRF_COOKIE_NAME].value
    sign_on, first = client.session["sign_on"], client.session["authenticated_at"]
    clock.shift(59 * 60)
    sign_in(client, account.login, make.PASSWORD, query="?next=/mon-compte/")
    assert key_of(client) != before
    assert client.cookies[settings.CSRF_COOKIE_NAME].value != secret
    assert Session.objects.get().sign_on == uuid.UUID(sign_on)
    assert client.session["authenticated_at"] == first + 59 * 60
    clock.shift(30 * 60)
    assert is_open(client)


def test_who_signs_in_again_while_their_session_ends_gets_a_new_one(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(account)

    def end_meanwhile(attempt: Attempt) -> SignIn:
        Session.objects.all().delete()
        return attempt_sign_in(attempt)

    monkeypatch.setattr("accounts.local.views.attempt_sign_in", end_meanwhile)
    assert sign_in(client, account.login, make.PASSWORD).status_code == 303
    assert is_open(client)
    assert Session.objects.count() == 1


def change(client: Client, current: str, new: str = GOOD_PASSWORD) -> int:
    form = {"current_password": current, "new_password": new, "confirmation": new}
    return client.post("/mon-compte/mot-de-passe/", form).status_code


def test_sign_out_ends_this_session_at_once(account: Account) -> None:
    """T-B2."""
    client, other = signed_in(account), signed_in(account)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key_of(client)
    assert is_open(thief)
    client.post("/deconnexion/")
    assert not is_open(client)
    assert not is_open(thief)
    assert is_open(other)


def test_a_new_password_ends_the_other_sessions(account: Account) -> None:
    """T-B2."""
    client, other = signed_in(account), signed_in(account)
    assert change(client, make.PASSWORD) == 302
    assert is_open(client)
    assert not is_open(other)
    assert is_open(signed_in(account, GOOD_PASSWORD))


def test_ones_own_new_password_is_in_the_journal(account: Account) -> None:
    change(signed_in(account), make.PASSWORD)
    [event] = AuditEvent.objects.of_acts([Act.PASSWORD_CHOSEN])
    assert event.details["mode"] == "volontaire"
    assert event in AuditEvent.objects.about(account.person.uuid)


def test_a_wrong_current_password_changes_nothing(account: Account) -> None:
    client = signed_in(account)
    assert change(client, "ce n’est pas lui") == 200
    assert is_open(signed_in(account))


def test_a_blocked_account_is_out_at_the_next_request(account: Account) -> None:
    """T-B2."""
    client = signed_in(account)
    block_account(account=account, actor=None)
    assert not is_open(client)
    assert sign_in(Client(), account.login, make.PASSWORD).status_code == 200
    account.person.refresh_from_db()
    assert account.person.access_state == "bloque"
    unblock_account(account=account, actor=None)
    assert not is_open(client)
    assert is_open(signed_in(account))


def test_a_rescued_account_that_was_blocked_waits_for_its_code_again(account: Account) -> None:
    """It has been active, but holds no password any more: its code must go on opening it."""
    Account.objects.filter(pk=account.pk).update(
        state="non-active", password="", activated_at=timezone.now()
    )
    block_account(account=account, actor=None)
    unblock_account(account=account, actor=None)
    assert account.state == "non-active"


def test_somebody_who_left_is_out_at_the_next_request(account: Account) -> None:
    """T-B2: an import closes access without touching sessions."""
    client = signed_in(account)
    type(account.person).objects.filter(pk=account.person_id).update(left_at=timezone.now())
    assert not is_open(client)


def test_a_raised_epoch_is_enough(account: Account) -> None:
    """T-B2: whoever raises the epoch in SQL ends every session, rows left or not."""
    client = signed_in(account)
    Account.objects.filter(pk=account.pk).update(epoch=7)
    assert not is_open(client)


def test_ending_all_sessions_leaves_none(account: Account) -> None:
    clients = [signed_in(account), signed_in(account)]
    end_account_sessions(account=account)
    assert not any(is_open(client) for client in clients)


def test_a_lost_role_counts_at_the_next_request(account: Account) -> None:
    """T-B2: roles are read at each request, sessions keep none."""
    grant = make.give_role(
        person=account.person, role=Role.SCHOOL_ADMINISTRATOR, school=account.person.main_school
    )
    client = signed_in(account)
    page = client.get("/mon-compte/").content.decode()
    assert "Administrateur de l’établissement" in page
    grant.withdrawn_at = timezone.now()
    grant.save()
    assert "Administrateur de l’établissement" not in client.get("/mon-compte/").content.decode()


def test_sixty_idle_minutes_end_a_session(account: Account, clock: time_machine.Traveller) -> None:
    """T-B3."""
    client = signed_in(account)
    clock.shift(59 * 60)
    assert is_open(client)
    clock.shift(59 * 60)
    assert is_open(client)
    clock.shift(60 * 60)
    assert not is_open(client)


@pytest.mark.parametrize("role", [Role.ENT_ADMINISTRATOR, Role.SCHOOL_ADMINISTRATOR])
def test_thirty_idle_minutes_end_an_administrators_session(
    role: Role, account: Account, clock: time_machine.Traveller
) -> None:
    """T-B3."""
    school = account.person.main_school if role == Role.SCHOOL_ADMINISTRATOR else None
    client = signed_in(account)
    make.give_role(person=account.person, role=role, school=school)
    mark_verified(client)
    clock.shift(29 * 60)
    assert is_open(client)
    clock.shift(30 * 60)
    assert not is_open(client)


def test_twelve_hours_end_any_session(account: Account, clock: time_machine.Traveller) -> None:
    """T-B3: however busy it was."""
    client = signed_in(account)
    for _ in range(23):
        clock.shift(30 * 60)
        assert is_open(client)
    clock.shift(30 * 60)
    assert not is_open(client)


def test_a_page_that_asks_by_itself_does_not_renew(
    account: Account, clock: time_machine.Traveller
) -> None:
    """T-B3."""
    client = signed_in(account)
    for _ in range(11):
        clock.shift(5 * 60)
        client.get("/mon-compte/", headers={"X-Ent-Poll": "1"})
    clock.shift(5 * 60)
    assert not is_open(client)


def test_a_page_of_progress_does_not_renew_even_without_scripts(
    account: Account, clock: time_machine.Traveller
) -> None:
    """T-B3: it reloads by itself."""
    import tests.ent.job_kinds  # noqa: F401 - declares the kind

    job = enqueue(kind="tests.count", actor=account.person.uuid, label="Compte")
    client = signed_in(account)
    for _ in range(11):
        clock.shift(5 * 60)
        assert client.get(f"/travaux/{job.uuid}/").status_code == 200
    clock.shift(5 * 60)
    assert not is_open(client)


def test_the_last_visit_is_written_once_a_minute_at_most(
    account: Account, clock: time_machine.Traveller
) -> None:
    client = signed_in(account)
    clock.shift(30)
    with CaptureQueriesContext(connection) as queries:
        client.get("/mon-compte/")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    clock.shift(31)
    with CaptureQueriesContext(connection) as queries:
        client.get("/mon-compte/")
    assert len([query for query in queries if query["sql"].startswith("UPDATE")]) == 1


def test_a_session_and_its_account_cost_one_statement(account: Account) -> None:
    client = signed_in(account)
    with CaptureQueriesContext(connection) as queries:
        client.get("/connexion/mot-de-passe-oublie/")
    about_session = [query for query in queries if "signin_session" in query["sql"]]
    assert len(about_session) == 1
    assert "directory_person" in about_session[0]["sql"]


def test_a_session_of_another_realm_is_nobodys(account: Account) -> None:
    client = signed_in(account)
    Session.objects.update(realm=Realm.GUICHET)
    assert not is_open(client)


def test_a_session_that_ended_meanwhile_is_not_written_again(account: Account) -> None:
    client = signed_in(account)
    store = SessionStore(key_of(client))
    store["seen"] = True
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_over_sessions_are_purged(account: Account, clock: time_machine.Traveller) -> None:
    signed_in(account)
    clock.shift(61 * 60)
    signed_in(account)
    tasks.purge()
    assert Session.objects.count() == 1


def test_a_visitor_gets_no_session() -> None:
    client = Client()
    client.get("/connexion/")
    client.get("/connexion/autres-comptes/")
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not Session.objects.exists()


def test_a_dangerous_act_asks_for_the_password_after_fifteen_minutes(
    account: Account, clock: time_machine.Traveller, rf: object
) -> None:
    """R-B9."""
    client = signed_in(account)
    assert client.get("/mon-compte/confirmer/?next=/mon-compte/").status_code == 200
    wrong = client.post("/mon-compte/confirmer/?next=/mon-compte/", {"password": "faux"})
    assert "pas votre mot de passe" in wrong.content.decode()
    right = client.post("/mon-compte/confirmer/?next=/mon-compte/", {"password": make.PASSWORD})
    assert (right.status_code, right.headers["Location"]) == (303, "/mon-compte/")


def test_the_confirmation_is_counted_like_any_try(account: Account) -> None:
    """A stolen session must not become a way to guess the password."""
    client = signed_in(account)
    for _ in range(5):
        client.post("/mon-compte/confirmer/", {"password": "faux"})
    page = client.post("/mon-compte/confirmer/", {"password": make.PASSWORD})
    assert "Trop d’essais" in page.content.decode()
