"""No form can be sent in somebody's name from elsewhere, and reading changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from directory.models import Person
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.cast import Cast
from tests.security.addresses import (
    GET_MAY_WRITE,
    OWN_FORGERY_PROTECTION,
    TOUCHED_BY_READING,
    all_addresses,
    paths_of_real_objects,
)

pytestmark = pytest.mark.django_db

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


SignIn = Callable[[Person | None], Client]


def tables() -> list[str]:
    return sorted(set(connection.introspection.table_names()) - TOUCHED_BY_READING)


def checksums() -> dict[str, str]:
    """A checksum of every table, its rows in any order."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(h, '' ORDER BY h), '')) FROM"
                f' (SELECT md5(t::text) AS h FROM "{table}" t) rows'
            )
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.timeout(900)
def test_every_unsafe_verb_without_token_is_refused(cast: Cast, client_of: SignIn) -> None:
    """T-B7: 403 (or the verb is not known there), for a visitor and for an administrator."""
    no_terms()
    faults = []
    for person, verbs in ((None, UNSAFE), (cast.ent_administrator, UNSAFE[:1])):
        signed_in = client_of(person)
        client = Client(enforce_csrf_checks=True)
        client.cookies = signed_in.cookies
        before = checksums()
        for address in all_addresses():
            if address.name in OWN_FORGERY_PROTECTION:
                continue
            for verb in verbs:
                status = client.generic(verb, address.path).status_code
                if status not in {403, 405}:
                    faults.append(f"{verb} {address.path} ({address.name}): {status}")
        assert checksums() == before
    assert not faults, "\n".join(faults)


def test_exemptions_name_real_addresses() -> None:
    """A list that nobody cleans hides what it should show."""
    names = {address.name for address in all_addresses()}
    assert set(OWN_FORGERY_PROTECTION) | set(GET_MAY_WRITE) <= names


@pytest.mark.timeout(900)
@pytest.mark.parametrize("who", ["", "ent_administrator", "manager_a", "parent"])
def test_reading_changes_nothing(cast: Cast, client_of: SignIn, who: str) -> None:
    """T-B7: GET and HEAD leave every table as it was, whoever reads, existing objects included."""
    no_terms()
    client = client_of(getattr(cast, who) if who else None)
    paths = [
        path
        for address in all_addresses()
        if address.name not in GET_MAY_WRITE
        for path in (address.path, *paths_of_real_objects(address))
    ]
    before = checksums()
    for path in paths:
        client.get(path)
        if not who:
            client.head(path)
    if checksums() != before:
        pytest.fail("\n".join(find_writers(client, paths)))


def find_writers(client: Client, paths: list[str]) -> list[str]:
    """Read again, one by one, to name the addresses that write."""
    found = []
    for path in paths:
        before = checksums()
        client.get(path)
        after = checksums()
        if changed := [table for table in before if before[table] != after[table]]:
            found.append(f"GET {path} wrote {changed}")
    return found or ["something was written the first time only"]


# --- the login ticket, which stands in for Django's token at the doors --------------------------

DOOR = "/connexion/autres-comptes/"


@pytest.fixture
def login() -> str:
    no_terms()
    person = make.make_person(given_name="Manon", family_name="Eleve", school=make.make_school())
    return make.make_account(person=person).login


def ticket_of(page: str) -> str:
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def post(client: Client, login: str, ticket: str | None, *, path: str = DOOR) -> int:
    form = {"username": login, "password": make.PASSWORD}
    if ticket is not None:
        form["csrfmiddlewaretoken"] = ticket
    return client.post(path, form, secure=True).status_code


def strict_client() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_door_works_over_https_without_referer_nor_origin(login: str) -> None:
    """What phone apps that post this form by themselves send."""
    client = strict_client()
    ticket = ticket_of(client.get(DOOR, secure=True).content.decode())
    assert post(client, login, ticket) == 303


def test_the_form_is_posted_to_its_own_address_with_the_query_kept(login: str) -> None:
    client = strict_client()
    path = "/connexion/?guichet=autres-comptes&next=/mon-compte/"
    ticket = ticket_of(client.get(path, secure=True).content.decode())
    assert post(client, login, ticket, path=path) == 303


@pytest.mark.parametrize("kind", ["none", "empty", "another browser", "made up", "used"])
def test_a_door_refuses_a_ticket_that_is_not_this_browsers(kind: str, login: str) -> None:
    """T-B7, and login forgery: nobody is signed in to somebody else's account unawares."""
    client = strict_client()
    ticket: str | None = ticket_of(client.get(DOOR, secure=True).content.decode())
    if kind == "none":
        ticket = None
    elif kind == "empty":
        ticket = ""
    elif kind == "another browser":
        ticket = ticket_of(strict_client().get(DOOR, secure=True).content.decode())
    elif kind == "made up":
        ticket = hashlib.sha256(b"x").hexdigest()
    else:
        assert post(client, "personne", ticket) == 200
    assert post(client, login, ticket) == 403
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_two_tabs_each_have_their_ticket(login: str) -> None:
    client = strict_client()
    first = ticket_of(client.get(DOOR, secure=True).content.decode())
    second = ticket_of(client.get(DOOR, secure=True).content.decode())
    assert post(client, "personne", second) == 200
    assert post(client, login, first) == 303


def test_signing_in_kills_the_tickets_of_before(login: str) -> None:
    """Nobody signs in again by going back in the history of a shared computer."""
    client = strict_client()
    first = ticket_of(client.get(DOOR, secure=True).content.decode())
    second = ticket_of(client.get(DOOR, secure=True).content.decode())
    assert post(client, login, first) == 303
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert post(client, "personne", second) == 403
    assert post(client, login, second) == 303  # signed in already: nothing is evaluated
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == key
    client.cookies.pop(settings.SESSION_COOKIE_NAME)
    assert post(client, login, second) == 403


def test_the_mires_choice_needs_djangos_token() -> None:
    """T-B7: the other form of the same address."""
    form = {"profil": "autres", "guichet-autres": "autres-comptes", "memoriser": "oui"}
    assert strict_client().post("/connexion/", form).status_code == 403


# --- two tabs, two people -----------------------------------------------------------------------


def test_a_form_of_somebody_else_does_nothing_and_says_why() -> None:
    """T-B5: tab 1 holds a form of X, tab 2 signs in as Y, tab 1 is sent."""
    no_terms()
    school = make.make_school()
    first, second = (
        make.make_account(
            person=make.make_person(given_name=name, family_name="Deux", school=school)
        )
        for name in ("Xavier", "Yasmine")
    )
    client = strict_client()
    ticket = ticket_of(client.get(DOOR).content.decode())
    form = {"username": first.login, "password": make.PASSWORD, "csrfmiddlewaretoken": ticket}
    assert client.post(DOOR, form).status_code == 303
    of_first = ticket_of(client.get("/mon-compte/mot-de-passe/").content.decode())

    ticket = ticket_of(client.get(DOOR).content.decode())
    form = {"username": second.login, "password": make.PASSWORD, "csrfmiddlewaretoken": ticket}
    assert client.post(DOOR, form).status_code == 303
    new = {"new_password": "trois canards sous la neige", "current_password": make.PASSWORD}
    new |= {"confirmation": new["new_password"], "csrfmiddlewaretoken": of_first}
    answer = client.post("/mon-compte/mot-de-passe/", new)

    assert answer.status_code == 403
    assert "maintenant connecté en tant que Yasmine Deux" in answer.content.decode()
    for account in (first, second):
        assert sign_in(Client(), account.login, make.PASSWORD).status_code == 303


def test_a_form_of_before_the_sign_out_says_so() -> None:
    """T-B5, signed out meanwhile."""
    client = strict_client()
    client.get("/connexion/")
    answer = client.post("/connexion/mot-de-passe-oublie/", {"identifiant": "lea.martin"})
    assert answer.status_code == 403
    assert "n’est plus valable" in answer.content.decode()
