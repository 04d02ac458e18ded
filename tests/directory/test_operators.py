"""The operators' admin: two locks, and never needed by schools."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from directory.models import Person
from ent.operators import site
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


def test_an_operator_without_second_factor_reads_why(cast: Cast, client_of: ClientOf) -> None:
    make_operator(cast.ent_administrator)
    answer = client_of(cast.ent_administrator).get("/operateurs/", follow=True)
    assert "Aucun appareil n’est enregistré" in answer.text
    assert "Tables techniques" not in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_an_operator_with_a_second_factor_enters(
    page: str, cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_operator(cast.ent_administrator)
    monkeypatch.setattr(site, "is_verified", lambda request: True)
    assert client_of(cast.ent_administrator).get(page).status_code == 200


def test_a_visitor_is_sent_to_the_doors(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(None).get("/operateurs/login/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/connexion/")
