"""The home forgives: what finds nothing is answered by what comes nearest (R-A5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from lxml import html

from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def schools() -> None:
    academy = make.make_authority(name="Académie de Nancy-Metz")
    for name, town, code in (
        ("Collège Pauline Ormessel", "Valmoncel", "54110"),
        ("Lycée Pauline Ormessel", "Épinoy", "54200"),
        ("Collège Colette", "Marancy", "57000"),
        ("Lycée Zola", "Hayange", "51100"),
    ):
        make.make_school(name=name, town=town, postal_code=code, authority=academy)


def shown(client: Client, typed: str) -> list[str]:
    page: Any = html.fromstring(client.get("/", {"q": typed}).content.decode())
    return [name.text_content() for name in page.xpath("//*[@class='school-row-name']")]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ormesel", "Collège Pauline Ormessel"),
        ("lycée ormesel", "Lycée Pauline Ormessel"),
        ("pauline ormessel valmonsel", "Collège Pauline Ormessel"),
        ("collège Nancy", "Collège Colette"),
        ("lycée Nancy", "Lycée Pauline Ormessel"),
        ("54000", "Collège Pauline Ormessel"),
        ("57100", "Collège Colette"),
        ("lyceezola", "Lycée Zola"),
    ],
)
def test_what_comes_nearest_is_proposed(client: Client, typed: str, first: str) -> None:
    """A misspelt name, a town without a school, the next town's postal code."""
    assert shown(client, typed)[0] == first
    assert "Voici ceux qui s’en approchent" in client.get("/", {"q": typed}).content.decode()


@pytest.mark.parametrize("typed", ["zzzz", "%%", "xy 99999", "?" * 100])
def test_nothing_is_proposed_for_nothing_alike(client: Client, typed: str) -> None:
    assert shown(client, typed) == []


def test_what_is_found_is_not_mixed_with_what_is_near(client: Client) -> None:
    assert shown(client, "valmoncel") == ["Collège Pauline Ormessel"]


def test_the_example_beside_the_search_finds_a_school(client: Client) -> None:
    """« collège Nancy » and « 54000 » were shown, and found nothing."""
    page: Any = html.fromstring(client.get("/").content.decode())
    hint = page.get_element_by_id("recherche-aide").text_content()
    examples = [part.split("\u00a0»")[0] for part in hint.split("«\u00a0")[1:]]
    assert examples
    assert all(shown(client, example) for example in examples)
    assert "approchent" not in client.get("/", {"q": examples[0]}).content.decode()
