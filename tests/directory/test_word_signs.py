"""The signs of words: what the index of words can be asked for."""

from __future__ import annotations

import pytest

from directory.enums import Profile, Role
from directory.models import Person
from directory.names.folded import LONGEST_SEARCH_KEY, folded_names
from directory.names.matching import bearing
from directory.rights.actors import Actor, Grant
from directory.search.forms import Criteria
from directory.search.results import look_up
from tests import factories as make

NAMES = [
    ("Le Goff", "Léa", "Dupont", ""),
    ("Martin", "Jean-Baptiste", "", "Marie Anne"),
    ("Martin", "Martin", "", ""),
    ("Lefèvre-Martin", "", "Martin", ""),
    ("", "Zoé", "", ""),
    ("de La Tour", "Li", "Tour", "Li"),
    ("Lé", "Le", "Le-Le Legrand", "Lé"),
]


def test_every_word_has_one_sign_and_the_first_of_the_family_name_its_own() -> None:
    assert folded_names("Le Goff", "Léa", "Dupont-Goff", "Léa")[1] == (
        "le goff lea dupont ^le =goff +lea -dupont"
    )
    assert folded_names("Martin", "Martin") == ("martin martin", "martin martin ^martin +martin")
    assert folded_names("", "Zoé", "", "Ève") == ("zoe", "zoe eve +zoe -eve")


def test_nobody_has_so_many_names_that_one_has_no_sign() -> None:
    """The longest that the columns hold: a hundred names of one letter each."""
    birth, others = " ".join("abcdefghijklm" * 3), " ".join("nopqrstuvwxyz" * 7)
    _, search_key = folded_names("x " * 49 + "x", "y " * 49 + "y", birth, others)
    signed = {word[1:] for word in search_key.split() if not word[0].isalnum()}
    assert signed == set("abcdefghijklmnopqrstuvwxyz")
    assert len(search_key) <= LONGEST_SEARCH_KEY


def people() -> list[Person]:
    return [
        make.make_person(family_name=family, given_name=given, birth_name=birth, other_names=others)
        for family, given, birth, others in NAMES
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["le", "mar", "martin", "tour", "dup", "zoe", "goff", "li"])
def test_the_names_and_the_other_words_are_everybody(start: str) -> None:
    """Whoever bears a word bears it first, where the index of names finds it, or otherwise."""
    known = people()
    everybody = set(bearing(Person.objects.all(), [start]))
    assert everybody == {p for p in known if f" {start}" in f" {p.search_key}"}
    first = {p for p in known if p.sort_key.startswith(start)}
    others = set(bearing(Person.objects.all(), [start], is_first=False))
    assert first | others == everybody
    words = [f"{p.family_name} {p.given_name}" for p in first & others]
    assert len(words) <= 2, words  # who bears it twice


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (Criteria(family_name="goff"), {"Le Goff"}),
        (Criteria(family_name="lef"), {"Lefèvre-Martin"}),
        (Criteria(family_name="martin"), {"Martin", "Lefèvre-Martin"}),
        (Criteria(given_name="martin"), {"Martin"}),
        (Criteria(typed="dupont"), {"Le Goff"}),
    ],
)
def test_a_field_asks_for_its_own_words(criteria: Criteria, expected: set[str]) -> None:
    known = people()
    actor = Actor(known[4].pk, known[4].uuid, Profile.GUEST, (Grant(Role.ENT_ADMINISTRATOR),))
    found = look_up(actor, criteria).identifiers
    assert {p.family_name for p in Person.objects.filter(pk__in=found)} == expected
