"""The directory's pages open for whom they are meant, and only for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import Person
from tests.cast import Cast

ClientOf = Callable[[Person | None], Client]

PAGES = [
    "/annuaire/",
    "/annuaire/?vue=avancee",
    "/annuaire/?q=martin",
    "/annuaire/?q=personne+de+ce+nom",
    "/annuaire/?vue=avancee&profil=eleve&etat=active&classe=4E3&matiere=Fran%C3%A7ais",
    "/annuaire/groupes/",
    "/annuaire/etablissements/0541111A/",
    "/annuaire/journal/",
    "/annuaire/administration/",
    "/annuaire/administration/etablissements/",
    "/annuaire/administration/acces/",
    "/annuaire/administration/acces/?etat=termines",
    "/annuaire/administration/acces/ajouter/",
    "/annuaire/administration/acces/ajouter/?q=professeure",
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["manager_a", "ent_administrator"])
def test_a_page_opens_for_those_in_charge(
    page: str, who: str, cast: Cast, client_of: ClientOf
) -> None:
    assert client_of(getattr(cast, who)).get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["pupil", "parent", "guest", "teacher"])
def test_a_page_is_refused_to_everybody_else(
    page: str, who: str, cast: Cast, client_of: ClientOf
) -> None:
    assert client_of(getattr(cast, who)).get(page).status_code == 403


@pytest.mark.parametrize(
    "whose",
    [
        "pupil",
        "parent",
        "teacher",
        "form_teacher",
        "head",
        "guest",
        "credentials_manager",
    ],
)
def test_a_sheet_opens_for_the_school_s_administrator(
    whose: str, cast: Cast, client_of: ClientOf
) -> None:
    address = reverse("directory:person", args=[getattr(cast, whose).uuid])
    assert client_of(cast.manager_a).get(address).status_code == 200


def test_the_giving_of_a_role_opens_on_a_form(cast: Cast, client_of: ClientOf) -> None:
    address = reverse("directory:role-give", args=[cast.teacher.uuid])
    assert client_of(cast.manager_a).get(address).status_code == 200
    assert client_of(cast.ent_administrator).get(address).status_code == 200


def test_a_class_opens_on_its_pupils(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.form_teacher).get(reverse("directory:group", args=[cast.class_a.uuid]))
    assert cast.pupil.family_name in page.text
