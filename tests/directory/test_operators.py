"""The operators' admin: two locks, and never needed by schools."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.contrib import admin
from django.test import Client
from import_export.admin import ExportMixin

from directory.models import Authority, Person
from ent.operators.resources import FORMATS
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


HOSTILE = '=HYPERLINK("http://x.example")'


@pytest.fixture
def operator(cast: Cast) -> Client:
    """An operator's browser, and an authority whose name a spreadsheet would run."""
    no_terms()
    make_operator(cast.manager_a)
    Authority.objects.filter(code=cast.school_a.authority.code).update(name=HOSTILE)
    return signed_in_with_application(cast.manager_a.account)


def exported(client: Client, name: str) -> bytes:
    """The table of authorities in the format of this name."""
    address = "/operateurs/directory/authority/export/"
    form = client.get(address).context["form"]
    number = next(value for value, word in form.fields["format"].choices if word == name)
    fields = {field: "on" for field in form.fields if field.startswith("authorityresource_")}
    answer = client.post(address, {"format": number, "resource": "0", **fields})
    assert answer.status_code == 200
    return bytes(answer.content)


@pytest.mark.parametrize(("name", "separator"), [("csv", ","), ("tsv", "\t")])
def test_no_spreadsheet_runs_what_an_operator_takes_out(
    name: str, separator: str, operator: Client
) -> None:
    text = exported(operator, name).decode()
    rows = list(csv.DictReader(io.StringIO(text), delimiter=separator))
    assert "'" + HOSTILE in {row["name"] for row in rows}


def test_no_cell_of_an_operator_s_workbook_is_a_formula(operator: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(operator, "xlsx")))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert "'" + HOSTILE in {cell.value for cell in cells}


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_what_was_taken_out_is_read_back_as_it_was(name: str, operator: Client) -> None:
    content = exported(operator, name)
    admin_class: Any = admin.site._registry[Authority]  # Django's own register of tables
    (file_format,) = [one for one in admin_class.formats if one().get_title() == name]
    dataset = file_format().create_dataset(content if name == "xlsx" else content.decode())
    assert HOSTILE in dataset["name"]


def test_every_table_that_may_be_taken_out_is_taken_out_so() -> None:
    """A new one that forgets it fails here."""
    tables = [one for one in admin.site._registry.values() if isinstance(one, ExportMixin)]
    assert len(tables) >= 3
    assert {tuple(one.get_export_formats()) for one in tables} == {tuple(FORMATS)}
