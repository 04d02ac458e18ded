"""A login is recognised however a telephone, a page or a child writes it (issue 13)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.account.logins import normalise_login
from accounts.models import Account
from tests import factories as make
from tests.accounts.signing import no_terms, sign_in
from tests.accounts.test_same_answer import masked


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("Léa.Martin", "lea.martin"),
        ("lea.martin\u200b", "lea.martin"),
        ("\ufefflea.\u200bmartin", "lea.martin"),
        ("lea. martin", "lea.martin"),
        ("lea .martin", "lea.martin"),
        ("lea.martin\u00a0", "lea.martin"),
        ("lea.\u202fmartin", "lea.martin"),
        ("lea.mar\u00adtin", "lea.martin"),
        ("\u2068lea.martin\u2069", "lea.martin"),
        ("zoe.lebœuf", "zoe.leboeuf"),
        ("Zoé.LEBŒUF", "zoe.leboeuf"),
        ("lætitia.groß", "laetitia.gross"),
        ("łukasz.wałęsa", "lukasz.walesa"),
        ("søren.đinh", "soren.dinh"),
        ("jean\u2011paul.sartre", "jean-paul.sartre"),
        ("ｌｅａ．ｍａｒｔｉｎ", "lea.martin"),
        ("аdmin", ""),
        ("lea@martin", ""),
        ("", ""),
    ],
)
def test_what_is_typed_is_read_as_the_login_that_it_means(typed: str, login: str) -> None:
    assert normalise_login(typed) == login


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["zoe.leb\u0153uf", "zoe. leboeuf", "zoe.leboeuf\u200b"])
def test_such_a_login_signs_in(typed: str) -> None:
    no_terms()
    person = make.make_person(given_name="Zoé", family_name="Lebœuf", school=make.make_school())
    account: Account = make.make_account(person=person, login="zoe.leboeuf")
    client = Client()
    assert sign_in(client, typed, make.PASSWORD).status_code == 303
    page = client.get("/mon-compte/")
    assert page.wsgi_request.user == account


@pytest.mark.django_db
def test_tries_of_one_login_are_counted_together_however_it_is_written() -> None:
    """T-A5: an invisible letter makes no other login."""
    for number in range(5):
        sign_in(Client(), f"zoe.{' ' * number}leboeuf\u200b", "faux")
    assert sign_in(Client(), "zoe.leboeuf", "faux").status_code == 429


@pytest.mark.django_db
def test_an_address_typed_for_a_login_is_explained_by_its_form_alone() -> None:
    """T-A1: the same page whether it is somebody's or not."""
    person = make.make_person(school=make.make_school(), email="zoe@example.org")
    make.make_account(person=person, login="zoe.leboeuf")
    known = sign_in(Client(), "zoe@example.org", "faux")
    unknown = sign_in(Client(), "abc@example.org", "faux")
    assert "adresse électronique" in known.content.decode()
    assert masked(known) == masked(unknown)
    plain = sign_in(Client(), "abc", "faux").content.decode()
    assert "Vous avez écrit une adresse" not in plain
