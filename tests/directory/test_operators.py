"""The operators' admin: two locks, and never needed by schools."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from directory.models import Person
from tests.accounts.applications import signed_in_with_application
from tests.accounts.signing import no_terms
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]
PAGES = [
    "/operateurs/",
    "/operateurs/directory/authority/",
    "/operateurs/directory/authority/import/",
    "/operateurs/directory/authority/export/",
    "/operateurs/directory/school/",
    "/operateurs/directory/school/export/",
    "/operateurs/accounts/door/",
    "/operateurs/accounts/door/export/",
]


def make_operator(person: Person) -> None:
    """Make the account of *person* an operator's."""
    person.account.is_operator = True
    person.account.save(update_fields=["is_operator"])


@pytest.mark.parametrize("who", ["ent_administrator", "manager_a", "pupil"])
@pytest.mark.parametrize("page", PAGES)
def test_nobody_but_an_operator_enters(
    page: str, who: str, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(getattr(cast, who))
    assert client.get(page).status_code == 302
    assert client.get(page, follow=True).status_code == 403


def test_an_operator_without_second_factor_installs_one_first(cast: Cast) -> None:
    make_operator(cast.manager_a)
    client = Client()
    client.force_login(cast.manager_a.account)
    answer = client.get("/operateurs/")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/premiers-pas/second-facteur/"


def test_the_academys_key_is_not_enough(cast: Cast, client_of: ClientOf) -> None:
    """A method without a device of ours opens the rest of the portal, and not this desk."""
    make_operator(cast.ent_administrator)
    answer = client_of(cast.ent_administrator).get("/operateurs/", follow=True)
    assert "Cette connexion n’en a pas prouvé" in answer.text
    assert "Tables techniques" not in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_an_operator_with_a_second_factor_enters(page: str, cast: Cast) -> None:
    no_terms()
    make_operator(cast.manager_a)
    client = signed_in_with_application(cast.manager_a.account)
    assert client.get(page).status_code == 200


def test_a_visitor_is_sent_to_the_doors(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(None).get("/operateurs/login/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/connexion/")
