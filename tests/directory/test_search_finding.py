"""One look-up gives count, page and facets, the same people whichever way it takes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.enums import AccessState, MembershipRole, Profile, Role
from directory.models import Affiliation, Person
from directory.names.words import folded_words
from directory.rights.actors import Grant, actor_for
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from directory.search.facets import facets_of
from directory.search.forms import Criteria
from directory.search.reach import few_persons_within
from directory.search.results import SearchResult, look_up
from ent.pages.pagination import COUNT_CAP
from ent.text.folding import fold
from tests import factories as make
from tests.cast import Cast
from tests.directory.crowds import actor_named, bears, crowd_of

ClientOf = Callable[[Person | None], Client]

FAMILIES = ["Martin", "Lefèvre-Martin", "Le Gall", "de La Tour", "O’Brien", "Li", "Marchand", "L"]
TYPED = [
    "",
    *("martin"[:length] for length in range(1, 7)),
    *("lefevre"[:length] for length in range(1, 8)),
    "le",
    "l le",
    "li l",
    "m j",
    "jean mar",
    "martin martin",
    "j martin",
    "martin j",
    "l marchetti",
    "b lefevre",
    "bapt",
    "la to",
    "tour",
    "o'b",
    "zz",
    "zzz",
]
GIVENS = ["Jean-Baptiste", "Léa", "Martin", "Li", "Élodie", "", "Marie L."]


@pytest.fixture
def crowd(cast: Cast) -> list[Person]:
    """Every family name with every given name, in two schools by turns."""
    names = [(family, given) for family in FAMILIES for given in GIVENS]
    random.Random(4).shuffle(names)
    schools = [cast.school_a, cast.school_b]
    for number, (family, given) in enumerate(names):
        make.make_person(
            family_name=family,
            given_name=given,
            school=schools[number % 2],
            profile=Profile.PUPIL if number % 3 else Profile.GUARDIAN,
        )
    return list(Person.objects.all())


@pytest.mark.parametrize("who", ["ent_administrator", "manager_a", "authority_administrator"])
def test_every_length_finds_the_same_people_in_the_same_order(
    who: str, crowd: list[Person], cast: Cast
) -> None:
    actor = actor_named(who, cast)
    visible = set(visible_persons(actor).values_list("pk", flat=True))
    for typed in TYPED:
        words = folded_words(typed)
        expected = sorted(
            (p for p in crowd if p.pk in visible and (not words or bears(p, words))),
            key=lambda person: (person.sort_key, person.pk),
        )
        identifiers = [person.pk for person in expected]
        assert look_up(actor, Criteria(typed=typed)).identifiers == identifiers, typed
        backwards = look_up(actor, Criteria(typed=typed), descending=True)
        assert backwards.identifiers == identifiers[::-1], typed
        assert not backwards.is_capped


@pytest.fixture
def academies(cast: Cast) -> list[Person]:
    """Every name in one academy, in the other, in both or in none, by turns."""
    names = [(family, given) for family in FAMILIES for given in GIVENS]
    random.Random(5).shuffle(names)
    places = [[cast.school_a], [cast.school_c], [cast.school_b, cast.school_c], []]
    for number, (family, given) in enumerate(names):
        person = make.make_person(
            family_name=family,
            given_name=given,
            birth_name="Marchetti" if number % 5 == 0 else "",
            profile=Profile.TEACHER if number % 3 else Profile.GUARDIAN,
        )
        for school in places[number % len(places)]:
            make.affiliate(person=person, school=school)
    return list(Person.objects.all())


@pytest.mark.parametrize("who", ["authority_administrator", "helpdesk"])
def test_an_academy_finds_exactly_its_own(
    who: str, academies: list[Person], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "directory.search.candidates.FEW_PERSONS", 0
    )  # as one that is too large to be listed
    actor = actor_named(who, cast)
    there = set(
        Affiliation.objects.filter(school__authority=cast.academy).values_list("person", flat=True)
    )
    seen = [
        person
        for person in sorted(academies, key=lambda person: (person.sort_key, person.pk))
        if person.pk in there
        and (who != "helpdesk" or person.profile in Profile.of_the_feed_staff())
    ]
    assert 0 < len(seen) < len(academies)
    for typed in TYPED:
        words = folded_words(typed)
        expected = [person.pk for person in seen if not words or bears(person, words)]
        assert look_up(actor, Criteria(typed=typed)).identifiers == expected, typed


@pytest.mark.parametrize("few", [0, 16_000], ids=["wide", "narrow"])
@pytest.mark.parametrize("role", [Role.ENT_ADMINISTRATOR, Role.HELPDESK])
def test_an_academy_and_a_school_of_another_find_whom_both_show(
    role: Role, few: int, academies: list[Person], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", few)
    grants = (
        Grant(Role.SCHOOL_ADMINISTRATOR, school_id=cast.school_c.pk),
        Grant(role, authority_id=cast.academy.pk),
    )
    actor = replace(actor_for(cast.guest), grants=grants)
    visible = set(visible_persons(actor).values_list("pk", flat=True))
    seen = sorted(
        (person for person in academies if person.pk in visible),
        key=lambda person: (person.sort_key, person.pk),
    )
    alone = [
        set(visible_persons(replace(actor, grants=(grant,))).values_list("pk", flat=True))
        for grant in grants
    ]
    assert alone[0] - alone[1] and alone[1] - alone[0] and alone[0] & alone[1]
    for typed in TYPED:
        words = folded_words(typed)
        expected = [person.pk for person in seen if not words or bears(person, words)]
        assert look_up(actor, Criteria(typed=typed)).identifiers == expected, typed
        backwards = look_up(actor, Criteria(typed=typed), descending=True)
        assert backwards.identifiers == expected[::-1], typed
        assert not backwards.is_capped


def test_thousands_of_an_academy_and_of_a_school_are_shown_in_one_order(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", 0)
    crowd_of(cast.school_a, COUNT_CAP - 1, is_affiliated=True, family_name="Wb")
    first = make.make_person(family_name="Wa", school=cast.school_c)
    grants = (
        Grant(Role.SCHOOL_ADMINISTRATOR, school_id=cast.school_c.pk),
        Grant(Role.ENT_ADMINISTRATOR, authority_id=cast.academy.pk),
    )
    actor = replace(actor_for(cast.guest), grants=grants)
    found = look_up(actor, Criteria(typed="w"))
    assert (found.count, found.is_capped, found.identifiers[0]) == (COUNT_CAP, False, first.pk)
    last = make.make_person(family_name="Wc", school=cast.school_c)
    found = look_up(actor, Criteria(typed="w"))
    assert (found.is_capped, found.is_in_order, found.identifiers[0]) == (True, True, first.pk)
    assert last.pk not in found.identifiers


@pytest.mark.parametrize("few", [0, 16_000], ids=["wide", "narrow"])
@pytest.mark.parametrize("who", ["ent_administrator", "authority_administrator"])
def test_a_given_name_is_found_by_any_number_of_letters(
    few: int, who: str, academies: list[Person], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", few)
    actor = actor_named(who, cast)
    visible = set(visible_persons(actor).values_list("pk", flat=True))
    seen = [person for person in academies if person.pk in visible]
    for typed in ("j", "je", "jea", "b", "ba", "bapt", "m", "ma", "e", "él", "jean b", "l", "li"):
        words = folded_words(typed)
        expected = {
            person.pk
            for person in seen
            if all(
                any(name.startswith(word) for name in fold(person.given_name).split())
                for word in words
            )
        }
        assert set(look_up(actor, Criteria(given_name=typed)).identifiers) == expected, typed
        of_martins = {
            person.pk
            for person in seen
            if person.pk in expected and "martin" in fold(person.family_name).split()
        }
        both = look_up(actor, Criteria(family_name="Martin", given_name=typed))
        assert set(both.identifiers) == of_martins, typed


@pytest.mark.parametrize(
    "asked", [Criteria(typed="w"), Criteria(typed="wabc"), Criteria(given_name="ww")]
)
@pytest.mark.parametrize("many", [0, 1_001], ids=["met soon", "met late"])
@pytest.mark.parametrize("nearly_all", [0, 1_001], ids=["unasked", "asked"])
def test_thousands_elsewhere_do_not_hide_those_of_an_academy(
    asked: Criteria, many: int, nearly_all: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", 0)
    monkeypatch.setattr("directory.search.candidates.MANY_PER_THOUSAND", many)
    monkeypatch.setattr("directory.search.candidates.NEARLY_ALL_PER_THOUSAND", nearly_all)
    crowd_of(cast.school_c, COUNT_CAP + 1, family_name="Wabc", given_name="Wwa")
    own = make.make_person(family_name="Wabcd", given_name="Wwa", school=cast.school_a)
    actor = actor_named("authority_administrator", cast)
    found = look_up(actor, asked)
    assert found.identifiers == [own.pk]
    assert not found.is_capped


def test_the_wall_is_asked_whatever_the_words_of_academies_say(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", 0)
    Person.objects.filter(pk=cast.far_pupil.pk).update(academies=f"@{cast.academy.pk} ")
    actor = actor_named("authority_administrator", cast)
    assert look_up(actor, Criteria(typed="lointaine")).identifiers == []
    assert look_up(actor, Criteria(typed="l")).identifiers == []
    assert cast.pupil.pk in look_up(actor, Criteria(typed="eleve")).identifiers


@pytest.mark.parametrize("who", ["manager_a", "ent_administrator", "authority_administrator"])
@pytest.mark.parametrize("hashed", [0, 50_000])
def test_the_wide_way_finds_the_same_people_as_the_narrow_one(
    who: str, hashed: int, crowd: list[Person], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        Criteria(typed=typed, profile=profile, schools=schools, class_code=code)
        for typed in ("", "l", "ma", "mar", "martin l", "lea", "li")
        for profile in ("", Profile.PUPIL)
        for schools in ((), (cast.school_a,))
        for code in ("", "4E3")
    ]
    asked += [Criteria(family_name="mar"), Criteria(given_name="l"), Criteria(given_name="mar")]
    asked += [Criteria(family_name="martin", given_name="l", class_code="4E3")]
    monkeypatch.setattr("directory.search.candidates.MOST_HASHED", hashed)
    actor = actor_named(who, cast)
    narrow = [look_up(actor, criteria).identifiers for criteria in asked]
    monkeypatch.setattr("directory.search.candidates.FEW_PERSONS", 0)
    monkeypatch.setattr("directory.search.candidates.FEW_OF_A_SET", 0)
    wide = [look_up(actor, criteria).identifiers for criteria in asked]
    assert [sorted(one) for one in wide] == [sorted(one) for one in narrow]
    assert any(narrow)


@pytest.mark.parametrize("who", ["manager_a", "ent_administrator", "form_teacher"])
@pytest.mark.parametrize("few", [0, 8_000])
def test_the_parents_of_a_class_are_found_by_the_class(
    who: str, few: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.candidates.FEW_OF_A_SET", few)
    actor = actor_named(who, cast)
    of_the_class = Criteria(class_code="4E3", profile=Profile.GUARDIAN)
    assert look_up(actor, of_the_class).identifiers == [cast.parent.pk]
    assert look_up(actor, Criteria(group=cast.class_a, profile=Profile.GUARDIAN)).count == 1
    assert look_up(actor, Criteria(class_code="6E1", profile=Profile.GUARDIAN)).count == 0
    assert look_up(actor, Criteria(class_code="4E3", profile=Profile.CONTACT)).count == 0


def test_the_parents_of_a_class_tell_nothing_of_children_elsewhere(cast: Cast) -> None:
    """T-F5: the helpdesk reads the groups of the academy, and sees no pupil."""
    both = cast.form_teacher
    make.give_role(person=both, role=Role.HELPDESK, authority=cast.academy)
    actor = actor_for(both)
    here = Criteria(class_code="4E3", profile=Profile.GUARDIAN)
    elsewhere = Criteria(class_code="2NDE 1", profile=Profile.GUARDIAN)
    assert look_up(actor, here).identifiers == [cast.parent.pk]
    assert look_up(actor, elsewhere).count == 0
    assert look_up(actor_for(cast.ent_administrator), elsewhere).identifiers == [cast.parent.pk]


@pytest.mark.parametrize("who", ["manager_a", "form_teacher", "authority_administrator"])
def test_few_persons_are_those_whom_the_wall_lets_through(
    who: str, crowd: list[Person], cast: Cast
) -> None:
    actor = actor_named(who, cast)
    few = few_persons_within(actor.reaches(Act.SEARCH), most=1_000)
    assert few is not None
    listed = set(Person.objects.filter(pk__any_of=few).values_list("pk", flat=True))
    assert listed == set(visible_persons(actor).values_list("pk", flat=True))
    assert listed
    assert few_persons_within(actor.reaches(Act.SEARCH), most=1) is None


def test_a_family_name_that_thousands_bear_comes_before_a_given_name(
    cast: Cast, client_of: ClientOf
) -> None:
    crowd_of(cast.school_a, COUNT_CAP + 1, family_name="Abadie", given_name="Zélie")
    crowd_of(cast.school_a, 3, family_name="Zélien")
    page = client_of(cast.ent_administrator).get("/annuaire/", {"q": "zelie"})
    assert [row.person.family_name for row in page.context["rows"]][:4] == ["Zélien"] * 3 + [
        "Abadie"
    ]
    assert "Plus de 1\u202f000 résultats" in page.text
    assert "d’entre eux sont affichés" in page.text
    assert not page.context["facet_groups"]


def test_who_bears_a_word_twice_hides_nobody(cast: Cast) -> None:
    """900 Martins, half of them Marie, and 300 Marie Durand are more than a thousand « mar »."""
    crowd_of(cast.school_a, 450, family_name="Wmartin", given_name="Wmarie")
    crowd_of(cast.school_a, 450, family_name="Wmartin", given_name="Paul")
    crowd_of(cast.school_a, 300, family_name="Durand", given_name="Wmarie")
    actor = actor_for(cast.ent_administrator)
    found = look_up(actor, Criteria(typed="wmar"))
    assert (found.is_capped, found.is_in_order, found.has_families_first) == (True, False, True)
    assert len(found.profiles) == COUNT_CAP
    Person.objects.filter(family_name="Durand", given_name="Wmarie").delete()
    crowd_of(cast.school_a, 100, family_name="Durand", given_name="Wmarie")
    found = look_up(actor, Criteria(typed="wmar"))
    assert (found.is_capped, found.count) == (False, 1_000)


@pytest.mark.parametrize(
    ("field", "first", "promise"), [("nom", "Zélien", True), ("prenom", "Abadie", False)]
)
def test_one_field_that_thousands_answer_promises_what_it_keeps(
    field: str, first: str, promise: bool, cast: Cast, client_of: ClientOf
) -> None:
    """« D’abord les noms de famille… » is said where they come first, and nowhere else."""
    if field == "nom":
        crowd_of(cast.school_a, COUNT_CAP + 1, family_name="Zélien")
        crowd_of(cast.school_a, 3, family_name="Abadie-Zélien")
    else:
        crowd_of(cast.school_a, COUNT_CAP + 1, family_name="Abadie", given_name="Zélie")
        crowd_of(cast.school_a, 3, family_name="Zélien")
    page = client_of(cast.ent_administrator).get("/annuaire/", {"vue": "avancee", field: "zelie"})
    assert {row.person.family_name for row in page.context["rows"]} == {first}
    assert "d’entre eux sont affichés" in page.text
    assert ("noms de famille qui commencent ainsi" in page.text) == promise


def test_short_words_of_a_family_name_find_its_bearers_first(cast: Cast) -> None:
    """« Le Go » is two words of two letters: whoever bears both, those who begin so first."""
    crowd_of(cast.school_a, COUNT_CAP + 1, family_name="Le Goff")
    crowd_of(cast.school_a, 2, family_name="Go de Le")
    actor = actor_for(cast.ent_administrator)
    found = look_up(actor, Criteria(family_name="le go"))
    assert (found.is_capped, found.has_families_first) == (True, True)
    names = Person.objects.filter(pk__in=found.identifiers).values_list("family_name", flat=True)
    assert set(names) == {"Le Goff"}
    Person.objects.filter(family_name="Le Goff", pk__gt=min(found.identifiers) + 5).delete()
    both = look_up(actor, Criteria(family_name="le go"))
    assert both.count == 2 + Person.objects.filter(family_name="Le Goff").count()
    assert not both.is_capped


def test_first_letters_of_thousands_show_the_first_by_name_on_every_page(
    cast: Cast, client_of: ClientOf
) -> None:
    crowd_of(cast.school_a, COUNT_CAP, family_name="Wb")
    crowd_of(cast.school_a, 1, family_name="Wa")
    crowd_of(cast.school_a, 1, family_name="Wc")
    client = client_of(cast.ent_administrator)

    def names(**asked: str) -> list[str]:
        page = client.get("/annuaire/", {"q": "w", **asked})
        assert "premiers sont affichés" in page.text
        return [row.person.family_name for row in page.context["rows"]]

    assert names()[:2] == ["Wa", "Wb"]
    assert names(page="50") == ["Wb"] * 20
    assert names(page="9999") == ["Wb"] * 20
    assert names(tri="-nom")[:2] == ["Wc", "Wb"]
    seen = [pk for n in (1, 2, 49, 50) for pk in rows_of(client, page=n)]
    assert len(set(seen)) == 80


def rows_of(client: Client, *, page: int) -> list[int]:
    """The persons of a page of « w »."""
    answer = client.get("/annuaire/", {"q": "w", "page": str(page)})
    return [row.person.pk for row in answer.context["rows"]]


def test_a_thousand_results_are_not_more_than_a_thousand(cast: Cast) -> None:
    crowd_of(cast.school_a, COUNT_CAP, family_name="Wb")
    actor = actor_for(cast.ent_administrator)
    for typed in ("w", "wb"):
        found = look_up(actor, Criteria(typed=typed))
        assert (found.count, found.is_capped) == (COUNT_CAP, False)
    crowd_of(cast.school_a, 1, family_name="Wbbb", given_name="X")
    for typed in ("w", "wb", "wbb"):
        found = look_up(actor, Criteria(typed=typed))
        assert found.is_capped == (typed != "wbb")


@pytest.mark.parametrize("typed", ["", "w", "wbc"])
def test_the_number_of_statements_does_not_grow_with_what_is_found(
    typed: str, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.ent_administrator)
    crowd_of(cast.school_a, 2, family_name="Wbcd")
    client.get("/annuaire/", {"q": typed})

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/annuaire/", {"q": typed})
        return len(captured)

    before = statements()
    crowd_of(cast.school_a, 300, family_name="Wbcd")
    assert statements() <= before <= 13
    crowd_of(cast.school_a, COUNT_CAP, family_name="Wbcd")
    assert statements() <= before


def test_facets_count_a_teacher_of_two_functions_once(cast: Cast) -> None:
    group = make.make_class(school=cast.school_a, code="3X1")
    teacher = make.make_person(
        family_name="Wvautour", school=cast.school_a, profile=Profile.TEACHER
    )
    make.put_in_group(person=teacher, group=group, role=MembershipRole.TEACHER)
    make.put_in_group(person=teacher, group=group, role=MembershipRole.MAIN_TEACHER)
    actor = actor_for(cast.manager_a)
    criteria = Criteria(typed="wvautour")
    found = look_up(actor, criteria)
    facets = facets_of(actor, found, criteria)
    assert [(facet.value, facet.count) for facet in facets["classe"]] == [("3X1", 1)]
    assert "classe" not in {
        name
        for name, counted in facets_of(actor, found, Criteria(class_code="3X1")).items()
        if counted
    }
    assert (
        facets_of(actor, SearchResult({teacher.pk: Profile.TEACHER}, is_capped=True), criteria)
        == {}
    )


@pytest.mark.parametrize(
    ("criteria", "index"),
    [
        ({"profile": Profile.PUPIL}, "person_profile_sort_key"),
        ({"access_state": AccessState.BLOCKED}, "person_state_sort_key"),
        ({"left_at__isnull": False}, "person_leaving_sort_key"),
    ],
)
def test_a_filter_has_the_walk_of_its_own(
    criteria: dict[str, object], index: str, cast: Cast
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("DROP INDEX person_sort_key")
    plan = Person.objects.filter(**criteria).in_name_order()[:20].explain()
    assert index in plan
    assert "Sort Key" not in plan
