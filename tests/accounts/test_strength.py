"""What was proved in a session, and asking for more (R-C6)."""

from __future__ import annotations

import pytest
from django.test import Client

from signin.enums import Method
from signin.sessions.methods import strength_address
from signin.sessions.models import Session
from tests import factories as make
from tests.accounts.applications import ENROL, PROVE, application_shown_by, install
from tests.accounts.signing import GOOD_PASSWORD, make_pending, no_terms, sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def proved() -> set[str]:
    return set(Session.objects.get().data["methods"])


def test_a_session_says_that_a_password_was_typed(client: Client) -> None:
    no_terms()
    account = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, account.login, make.PASSWORD)
    assert proved() == {Method.PASSWORD}


def test_a_code_is_a_weaker_proof_until_a_password_is_chosen(client: Client) -> None:
    no_terms()
    account, code = make_pending()
    sign_in(client, account.login, code)
    assert proved() == {Method.CODE}
    client.post(
        "/premiers-pas/mot-de-passe/",
        {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD},
    )
    assert proved() == {Method.CODE, Method.PASSWORD}


def test_a_demand_that_nothing_can_meet_is_refused_with_its_reason(client: Client) -> None:
    no_terms()
    account = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, account.login, make.PASSWORD)
    answer = client.get(strength_address(required=Method.KEY, next_path="/mon-compte/"))
    assert answer.status_code == 403
    assert "Clé de sécurité OTP" in answer.content.decode()


def ask_for_code(client: Client) -> str:
    return client.get(
        "/connexion/preuve-demandee/", {"exiger": Method.TOTP, "next": "/mon-compte/"}
    ).content.decode()


def give_code(client: Client) -> str:
    answer = client.post("/connexion/preuve-demandee/?exiger=totp&next=/mon-compte/")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_session_older_than_its_application_gives_the_code_and_goes_on(client: Client) -> None:
    """Installed from another browser: no step of this session's sign-in asked for the code."""
    no_terms()
    account = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, account.login, make.PASSWORD)
    application, _ = install(account)
    assert "Donner le code" in ask_for_code(client)
    assert client.get("/accueil/").status_code == 200  # looking at the page demands nothing
    assert give_code(client) == PROVE
    answer = client.post(PROVE, {"code": application.code(steps=1)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mon-compte/")
    assert Method.TOTP in proved()


def test_who_has_no_application_installs_one_and_goes_on(client: Client) -> None:
    no_terms()
    account = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, account.login, make.PASSWORD)
    assert "Installer le second facteur" in ask_for_code(client)
    assert give_code(client) == ENROL
    application, seed = application_shown_by(client.get(ENROL).content.decode())
    shown = client.post(ENROL, {"seed": seed, "code": application.code()}).content.decode()
    assert 'href="/mon-compte/"' in shown
    assert Method.TOTP in proved()


def test_an_academic_account_that_may_install_none_reads_whom_to_ask(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.teacher.account)
    shown = ask_for_code(client)
    assert "ne peut pas installer" in shown
    assert "Adressez-vous" in shown


def test_a_demand_that_is_met_leads_on_to_an_address_of_ours_only(client: Client) -> None:
    no_terms()
    account = make.make_account(person=make.make_person(school=make.make_school()))
    sign_in(client, account.login, make.PASSWORD)
    for wanted, reached in [
        ("/mon-compte/", "/mon-compte/"),
        ("https://ailleurs.example/", "/accueil/"),
    ]:
        answer = client.get(
            "/connexion/preuve-demandee/", {"exiger": Method.PASSWORD, "next": wanted}
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, reached)
