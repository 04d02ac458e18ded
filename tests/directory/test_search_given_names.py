"""Given names: their index is walked where many answer, and nobody else is found for it."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory.enums import AccessState, Profile
from directory.models import Affiliation, Person
from directory.names.matching import of_given_name
from directory.names.words import folded_words
from directory.rights.walls import visible_persons
from directory.search.candidates import share_per_thousand
from directory.search.forms import Criteria
from directory.search.results import look_up
from ent.pages.pagination import COUNT_CAP
from tests import factories as make
from tests.cast import Cast
from tests.directory.crowds import actor_named, bears, crowd_of


@pytest.mark.parametrize("many", [0, 1_000], ids=["met soon", "met late"])
@pytest.mark.parametrize("who", ["ent_administrator", "authority_administrator"])
def test_a_given_name_finds_the_same_whether_its_index_is_walked_or_not(
    who: str, many: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", 0)
    monkeypatch.setattr("directory.search.candidates.MANY_PER_THOUSAND", many)
    for school, number in ((cast.school_a, COUNT_CAP + 1), (cast.school_c, 5)):
        crowd_of(school, number, is_affiliated=True, family_name="Wab", given_name="Qi-Qan")
    named = {
        given: make.make_person(family_name="Wac", given_name=given, school=cast.school_a).pk
        for given in ("Qu-Qi", "Qo", "Qo’a Qi")
    }
    actor = actor_named(who, cast)
    is_walked = not many or who == "ent_administrator"
    for typed in ("q", "qi", "qi q", "qi qan", "qi qi"):
        with CaptureQueriesContext(connection) as captured:
            found = look_up(actor, Criteria(given_name=typed))
        assert any("tsquery" in query["sql"] for query in captured) != is_walked, typed
        assert (found.is_capped, len(found.profiles)) == (True, COUNT_CAP), typed
    backwards = look_up(actor, Criteria(given_name="qi q"), descending=True)
    assert (backwards.is_capped, len(backwards.profiles)) == (True, COUNT_CAP)
    assert look_up(actor, Criteria(typed="qiq")).identifiers == []
    for typed, expected in {
        "qo": ["Qo", "Qo’a Qi"],
        "qo qi": ["Qo’a Qi"],
        "qi qo": ["Qo’a Qi"],
        "qu q": ["Qu-Qi"],
    }.items():
        found = look_up(actor, Criteria(given_name=typed))
        assert found.identifiers == [named[given] for given in expected], typed
    of_pupils = look_up(actor, Criteria(given_name="qi", profile=Profile.PUPIL))
    assert of_pupils.is_capped
    assert look_up(actor, Criteria(given_name="qi", profile=Profile.TEACHER)).identifiers == []
    gone = Person.objects.filter(family_name="Wab", main_school=cast.school_a)
    Person.objects.filter(pk__in=gone.values("pk")[:10]).delete()
    whole = look_up(actor, Criteria(given_name="qi"))
    seen = COUNT_CAP + 1 - 10 + 2 + (5 if who == "ent_administrator" else 0)
    assert (whole.is_capped, whole.count) == (False, seen)


@pytest.mark.parametrize(
    ("who", "share"),
    [
        ("ent_administrator", 0),
        ("authority_administrator", 0),
        ("authority_administrator", 1_001),
    ],
)
def test_two_letters_beside_a_frequent_given_name_find_whoever_bears_both(
    who: str, share: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", 0)
    monkeypatch.setattr("directory.search.candidates.NEARLY_ALL_PER_THOUSAND", share)
    crowd_of(cast.school_a, COUNT_CAP + 1, family_name="Wab", given_name="Qimar")
    names = [
        ("Da Silva", "Qimar", ""),
        ("Dadoun", "Zoé", "Qimaret"),
        ("Silva", "Qimar Dany", ""),
        ("Silva", "Dany Qimar", ""),
        ("Qimard", "Dany", ""),
        ("Costa Da", "Qimar", ""),
        ("Costa", "Qimara", "Darc"),
        ("Qimard", "Zoé", ""),
        ("Dali", "Qiou", ""),
        ("Da Silva", "Zoé", ""),
    ]
    people = [
        make.make_person(
            family_name=family, given_name=given, birth_name=birth, school=cast.school_a
        )
        for family, given, birth in names
    ]
    make.make_person(family_name="Dada", given_name="Qimar", school=cast.school_c)
    actor = actor_named(who, cast)
    visible = visible_persons(actor)
    for typed in ("qim da", "da qimar", "qima d", "qima qi da da"):
        found = look_up(actor, Criteria(typed=typed))
        expected = {person.pk for person in visible if bears(person, folded_words(typed))}
        assert {person.pk for person in people[:7]} <= expected
        assert (found.is_capped, set(found.identifiers)) == (False, expected), typed
    crowd_of(
        cast.school_a, COUNT_CAP + 1, is_affiliated=True, family_name="Dab", given_name="Qimar"
    )
    found = look_up(actor, Criteria(typed="qimar da"))
    assert (found.is_capped, found.has_families_first) == (True, True)
    assert Person.objects.get(pk=found.identifiers[0]).family_name == "Da Silva"
    shown = Person.objects.filter(pk__in=found.identifiers)
    assert shown.filter(family_name="Dab").count() == COUNT_CAP - 1  # and Da Silva


def test_given_names_are_walked_in_the_order_of_their_index(cast: Cast) -> None:
    """Nothing is sorted, since the planner expects many whatever the beginning."""
    crowd_of(cast.school_a, 2_000, family_name="Wab", given_name="Qimar")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE directory_person")
    for start in ("+q", "+qimar", "+zz"):
        plan = of_given_name(Person.objects.all(), start)[: COUNT_CAP + 1].explain()
        walk = re.search(r"Index Scan using person_given_names.* rows=(\d+)", plan)
        assert walk is not None, plan
        assert "Sort Key" not in plan, start
        assert int(walk[1]) > Person.objects.count() / 20, start


@pytest.mark.parametrize(
    ("criteria", "who"),
    [
        (Criteria(given_name="q", state=AccessState.BLOCKED), "ent_administrator"),
        (Criteria(given_name="q", class_code="4E3"), "ent_administrator"),
        (Criteria(given_name="q"), "helpdesk"),
        (Criteria(given_name="q"), "manager_a"),
    ],
)
def test_few_among_many_are_not_looked_for_by_walking(
    criteria: Criteria, who: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", 0)
    monkeypatch.setattr("directory.search.candidates.FEW_OF_A_SET", 0)
    monkeypatch.setattr("directory.search.candidates.MANY_PER_THOUSAND", 1)
    actor = actor_named(who, cast)
    with CaptureQueriesContext(connection) as captured:
        look_up(actor, criteria)
    assert not any("split_part" in query["sql"] for query in captured)


def test_the_share_of_an_academy_is_that_of_a_sample(cast: Cast) -> None:
    assert (
        share_per_thousand([cast.academy.pk])
        == 1_000
        * Affiliation.objects.filter(school__authority=cast.academy)
        .values("person")
        .distinct()
        .count()
        // Person.objects.count()
    )
    assert share_per_thousand([cast.academy.pk * 10 + 1]) == 0
    crowd_of(cast.school_c, 3_000, family_name="Aaa")
    cache.clear()
    assert share_per_thousand([cast.academy.pk]) < 20
