"""Whatever stands in an address, the answer is a page of ours and never a failure (T-L2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from lxml import html

from directory.models import Person
from tests import factories as make
from tests.cast import Cast
from tests.rights import RULES, Rule
from tests.security.addresses import all_addresses

pytestmark = pytest.mark.django_db

#: Every name that some view reads from the query.
PARAMETERS = (
    "q", "page", "tri", "vue", "nom", "prenom", "profil", "etat", "classe", "matiere", "groupe",
    "etablissement", "next", "guichet", "changer", "sur", "gravite", "acte", "resultat", "du", "au",
    "qui", "personne", "role", "perimetre", "date", "pause",
)  # fmt: skip
#: PostgreSQL keeps no NUL; « ² » is a digit of which `int` makes nothing.
HOSTILE = ("%00", "0541111%00", "%C2%B2", "-1", "%FF")
#: `int` refuses so many figures.
ENDLESS = "9" * 5000
#: Beyond what a bigint of PostgreSQL holds, on either side.
NUMBERS = (str(2**63), "-99999999999999999999", ENDLESS)


@pytest.mark.parametrize("value", HOSTILE)
def test_no_parameter_of_any_address_makes_a_page_fail(
    cast: Cast, client_of: Callable[[Person | None], Client], value: str
) -> None:
    """As an ENT administrator, who reaches every page; the client raises what a view raises."""
    client = client_of(cast.ent_administrator)
    query = "&".join(f"{name}={value}" for name in PARAMETERS)
    for address in all_addresses():
        assert client.get(f"{address.path}?{query}").status_code < 500, address


@pytest.mark.parametrize("name", ["page", "sur"])
def test_no_endless_number_makes_a_page_fail(
    cast: Cast, client_of: Callable[[Person | None], Client], name: str
) -> None:
    """The parameters that are read as numbers, on every page."""
    client = client_of(cast.ent_administrator)
    for address in all_addresses():
        assert client.get(f"{address.path}?{name}={ENDLESS}").status_code < 500, address


@pytest.mark.parametrize(
    ("number", "shown"),
    [("0", "1"), ("-1", "1"), ("--3", "1"), ("-", "1"), ("abc", "1"), ("2", "2"), ("99", "2")],
)
def test_a_page_that_makes_no_sense_is_the_nearest(
    cast: Cast, client_of: Callable[[Person | None], Client], number: str, shown: str
) -> None:
    for given in range(21):
        make.make_person(given_name=f"Lou{given}", family_name="Abadie", school=cast.school_a)
    client = client_of(cast.manager_a)
    answer = client.get(f"/annuaire/?q=abadie&page={number}")
    assert answer.context["page"].number == int(shown)


@pytest.mark.parametrize("name", PARAMETERS)
def test_no_single_parameter_makes_a_public_page_fail(client: Client, name: str) -> None:
    """One at a time, since one refusal hides another fault."""
    for path in ("/", "/connexion/", "/connexion/mot-de-passe-oublie/", "/rien-de-tel/"):
        for value in (*HOSTILE, ENDLESS):
            assert client.get(f"{path}?{name}={value}").status_code < 500, (path, name)


@pytest.mark.parametrize("path", ["/annuaire/etablissements/%00/", "/rien%00/", "/%00"])
def test_a_nul_in_the_path_is_a_request_that_is_not_understood(
    cast: Cast, client_of: Callable[[Person | None], Client], path: str
) -> None:
    """400 with our page, whoever asks."""
    for person in (None, cast.ent_administrator):
        response = client_of(person).get(path)
        assert response.status_code == 400
        assert "Demande non comprise" in response.content.decode()


def test_a_nul_in_a_posted_choice_makes_no_page_fail(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    """The fields that no form cleans: a door's code, a school of the switch, a perimeter."""
    client = client_of(cast.ent_administrator)
    desk = "/annuaire/administration/fichiers-des-identifiants"
    posts = [
        ("/connexion/", {"profil": "eleve-parent", "guichet-eleve-parent": "\x00"}),
        ("/accueil/etablissement/", {"uai": "\x00"}),
        (f"{desk}/regenerer/", {"perimetre": "\x00"}),
        ("/annuaire/exporter/", {"personne": "\x00", "format": "csv"}),
        ("/annuaire/administration/imports/deposer/", {"autorite": "\x00"}),
        (f"/annuaire/administration/acces/ajouter/{cast.teacher.uuid}/",
         {"role": "editor", "uai": "\x00", "authority": "\x00"}),
    ]  # fmt: skip
    for path, data in posts:
        assert client.post(path, data).status_code < 500, path


def fields_of(page: str) -> dict[str, str]:
    """The fields of a page's forms, with a value each."""
    found: dict[str, object] = {}
    root: Any = html.document_fromstring(page)
    for form in root.forms:
        found.update(form.fields)
    found.pop("csrfmiddlewaretoken", None)
    return {name: field if isinstance(field, str) else "" for name, field in found.items()}


def fields_at(client: Client, path: str, rule: Rule, cast: Cast) -> dict[str, str]:
    """What a browser would send there: the forms of its page, and what the matrix posts."""
    page = client.get(path) if rule.GET is not None else None
    shown = {}
    if page is not None and page.status_code == 200 and b"</form>" in page.content:
        shown = fields_of(page.content.decode())
    return {**shown, **{name: str(value) for name, value in rule.data(cast).items()}}


@pytest.mark.parametrize("number", NUMBERS)
def test_no_number_in_any_field_of_any_form_makes_a_page_fail(
    cast: Cast, client_of: Callable[[Person | None], Client], number: str
) -> None:
    """One field at a time, the others as the page shows them; nothing of it stays."""
    tried = 0
    for name, rule in RULES.items():
        if not isinstance(rule, Rule):
            continue
        path = reverse(name, kwargs=dict(rule.at(cast))) + rule.query
        fields = fields_at(client_of(cast.ent_administrator), path, rule, cast)
        for field in fields:
            before = transaction.savepoint()
            client = client_of(cast.ent_administrator)
            send = client.get if rule.POST is None else client.post
            assert send(path, {**fields, field: number}).status_code < 500, (name, field)
            transaction.savepoint_rollback(before)
            tried += 1
    assert tried > 150
