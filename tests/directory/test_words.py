"""What the feeds shout, the directory's screens say as people do; exports keep the feed's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from accounts.models import Door
from directory.enums import MembershipRole, Profile
from directory.models import Affiliation, Authority, Person, School, Subject, Teaching
from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.database.ordering import folded
from tests import factories as make
from tests.cast import Cast, verified_client

ClientOf = Callable[[Person | None], Client]


def parsed(answer: Any) -> Any:
    """The page of an answer, as a tree."""
    assert answer.status_code == 200
    return html.fromstring(answer.content.decode())


def words_of(page: Any) -> str:
    """The visible words of a page, on one line."""
    return " ".join(page.text_content().split())


def sheet_of(client: Client, person: Person) -> str:
    return words_of(parsed(client.get(reverse("directory:person", args=[person.uuid]))))


@pytest.fixture
def musician(cast: Cast) -> Person:
    """A teacher as a feed delivers one: in capitals, and a subject that no file names."""
    person = make.make_person(
        profile=Profile.TEACHER,
        given_name="MONIQUE",
        family_name="BERNARDIN",
        school=cast.school_a,
        function_label="ENSEIGNEMENT",
    )
    Affiliation.objects.filter(person=person).update(post_label="EDUCATION MUSICALE")
    group = make.make_class(school=cast.school_a, code="3A", label="3EME")
    make.put_in_group(person=person, group=group, role=MembershipRole.TEACHER)
    for code, label in (("081300", "EDUCATION MUSICALE"), ("308700", "")):
        subject = Subject.objects.create(authority=cast.academy, code=code, label=label)
        Teaching.objects.create(person=person, group=group, subject=subject)
    return person


def test_a_sheet_says_class_level_and_subjects_in_words(
    musician: Person, cast: Cast, client_of: ClientOf
) -> None:
    """« 3A Classe, 3EME, EDUCATION MUSICALE, 308700 » was what it said."""
    words = sheet_of(client_of(cast.manager_a), musician)
    assert "3A classe de 3e : éducation musicale, matière sans nom (code 308700)" in words
    assert "Enseignant, éducation musicale" in words
    assert "MONIQUE" not in words


def test_a_sheet_says_a_function_once(cast: Cast, client_of: ClientOf) -> None:
    """« Direction, DIRECTION, DIRECTION ADJOINT CHEF D'ETABLISSEMENT » was what it said."""
    deputy = make.make_person(
        profile=Profile.HEAD, school=cast.school_a, function_label="DIRECTION", given_name="PAUL"
    )
    Affiliation.objects.filter(person=deputy).update(
        post_label="DIRECTION ADJOINT CHEF D'ETABLISSEMENT"
    )
    words = sheet_of(client_of(cast.manager_a), deputy)
    assert "Direction, adjoint au chef d’établissement" in words
    assert "DIRECTION" not in words


@pytest.mark.parametrize(
    "address",
    [
        "/annuaire/?q=bernardin",
        "/annuaire/administration/acces/ajouter/?q=bernardin",
    ],
)
def test_lists_write_given_names_as_people_do(
    address: str, musician: Person, cast: Cast, client_of: ClientOf
) -> None:
    """MONIQUE stood in the column « Prénom »; a phone's card bears both names."""
    page = parsed(client_of(cast.manager_a).get(address))
    (row,) = page.xpath("//tbody/tr")
    assert "MONIQUE" not in words_of(row)
    assert " ".join(row.xpath("th")[0].text_content().split()) == "BERNARDIN Monique"
    assert row.xpath("td[@data-label='Prénom']")[0].text_content().strip() == "Monique"


def test_an_export_keeps_the_words_of_the_feed(
    musician: Person, cast: Cast, client_of: ClientOf
) -> None:
    answer = client_of(cast.manager_a).post(
        "/annuaire/exporter/", {"format": "csv", "personne": str(musician.uuid)}
    )
    assert "MONIQUE" in answer.content.decode("utf-8-sig")


def test_given_names_are_sorted_as_readers_do(cast: Cast, client_of: ClientOf) -> None:
    """« Émile » came last, behind « Zoé »: the database compares bytes."""
    for name in ("Zoé", "Émile", "Fanny", "Ernest"):
        make.make_person(given_name=name, family_name="Trésor", school=cast.school_a)
    page = parsed(client_of(cast.manager_a).get("/annuaire/?q=tresor&tri=prenom"))
    cells = page.xpath("//td[@data-label='Prénom']")
    assert [cell.text_content().strip() for cell in cells] == ["Émile", "Ernest", "Fanny", "Zoé"]


def test_a_group_is_found_by_the_label_that_the_screen_shows(
    cast: Cast, client_of: ClientOf
) -> None:
    """The feed writes « DEBUTANTS D'ANNEE », the list « Débutants d’année »."""
    make.make_class(school=cast.school_a, kind="groupe", code="G7", label="LATIN DEBUTANTS D'ANNEE")
    client = client_of(cast.manager_a)
    page = parsed(client.get("/annuaire/groupes/", {"q": "débutants d’année"}))
    assert [row.text_content().strip() for row in page.xpath("//tbody/tr/th")] == ["G7"]


def test_schools_and_authorities_are_listed_as_readers_do(db: None) -> None:
    academy = make.make_authority(name="Zone d’essai")
    for name in ("Lycée Zola", "École Bellevue", "Collège Élise-Rivet", "Collège Emma-Ott"):
        make.make_school(name=name, authority=academy)
    for name in ("Académie de Reims", "État du Valais", "Enseignement agricole"):
        make.make_authority(name=name)
    assert [school.name for school in School.objects.active().in_name_order()] == [
        "Collège Élise-Rivet",
        "Collège Emma-Ott",
        "École Bellevue",
        "Lycée Zola",
    ]
    assert [one.name for one in Authority.objects.order_by(folded("name"))] == [
        "Académie de Reims",
        "Enseignement agricole",
        "État du Valais",
        "Zone d’essai",
    ]


def test_a_timeline_names_the_door_as_people_do(cast: Cast, client_of: ClientOf) -> None:
    """« guichet nancy-metz-familles » was what it said."""
    Door.objects.create(
        code="nancy-metz-familles",
        label="de l’académie de Nancy-Metz",
        kind="cas",
        audiences=["eleve-parent"],
        authority=cast.academy,
    )
    record(
        act=Act.SIGN_IN_SUCCEEDED,
        actor=cast.pupil.uuid,
        subject=cast.pupil.uuid,
        origin=Origin(door="nancy-metz-familles"),
        outcome=Outcome.SUCCESS,
    )
    words = sheet_of(client_of(cast.manager_a), cast.pupil)
    assert "portail de l’académie de Nancy-Metz" in words
    assert "nancy-metz-familles" not in words


def test_a_sheet_shows_no_login_that_serves_nobody(cast: Cast, client_of: ClientOf) -> None:
    """A teacher signs in at the academy: « monique.bernardin » opens nothing there, nor here."""
    words = sheet_of(client_of(cast.manager_a), cast.teacher)
    assert cast.teacher.login not in words
    assert "IdentifiantCelui de son compte académique" in words
    assert cast.pupil.login in sheet_of(client_of(cast.manager_a), cast.pupil)


def test_a_head_reads_the_function_beside_the_profile_only_when_it_adds_something(
    cast: Cast,
) -> None:
    head = make.make_person(
        profile=Profile.HEAD, school=cast.school_a, family_name="DUVAL", function_label="DIRECTION"
    )
    page = parsed(verified_client(cast.manager_a).get("/annuaire/?q=duval"))
    (cell,) = page.xpath("//td[@data-label='Profil']")
    assert head.family_name in words_of(page)
    assert cell.text_content().strip() == "Direction"
