"""« Enseignants des classes »: attached by hand, kept by imports, ended on their day."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from directory.class_teachers.tasks import end_class_teachers
from directory.enums import MembershipRole, Profile, Source
from directory.groups.taught import taught_groups
from directory.models import Group, Membership, Person
from ent.audit.models import AuditEvent
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person | None], Client]
TODAY = "2026-11-30T10:00:00+01:00"


def address(cast: Cast) -> str:
    """The page of the cast's school."""
    return f"/annuaire/etablissements/{cast.school_a.uai}/enseignants/"


@pytest.fixture
def newcomer(cast: Cast) -> Person:
    """A teacher of the school, without classes."""
    return make.make_person(
        school=cast.school_a, given_name="Nour", family_name="Haddad", profile=Profile.TEACHER
    )


@pytest.fixture
def other_class(cast: Cast) -> Group:
    """A second class of the school."""
    return make.make_class(school=cast.school_a, code="CP MME MARTIN", feed_id="73183")


def test_a_head_attaches_a_teacher_to_classes_on_one_page(
    cast: Cast, client_of: ClientOf, newcomer: Person, other_class: Group
) -> None:
    client = client_of(cast.head)
    school = client.get(f"/annuaire/etablissements/{cast.school_a.uai}/").content.decode()
    assert address(cast) in school
    with time_machine.travel(TODAY, tick=False):
        client = client_of(cast.head)
        page = client.post(
            address(cast),
            {"enseignant": newcomer.uuid, "classes": [cast.class_a.uuid, other_class.uuid]},
            follow=True,
        )
        assert "Nour Haddad est maintenant de 2 classes de plus." in page.content.decode()
        assert "jusqu’au 31/08/2027" in page.content.decode()
    assert set(taught_groups(newcomer)) == {cast.class_a, other_class}
    assert AuditEvent.objects.about(newcomer.uuid).get().act == "class:given"

    client = client_of(cast.head)
    client.post(
        f"{address(cast)}detacher/",
        {"enseignant": newcomer.uuid, "classe": cast.class_a.uuid},
    )
    assert set(taught_groups(newcomer)) == {other_class}


def test_a_replacement_ends_on_its_day(cast: Cast, client_of: ClientOf, newcomer: Person) -> None:
    asked = {"enseignant": newcomer.uuid, "classes": [cast.class_a.uuid]}
    with time_machine.travel(TODAY, tick=False):
        client = client_of(cast.head)
        for day, words in (
            ("2026-11-29", "Cette date est déjà passée."),
            ("2027-09-02", "choisissez le 31/08/2027 au plus tard"),
        ):
            page = client.post(address(cast), {**asked, "jusqu_au": day}).content.decode()
            assert words in page
        client.post(address(cast), {**asked, "jusqu_au": "2026-12-04"})
    made = Membership.objects.get(person=newcomer)
    assert (made.source, made.role) == (Source.MANUAL, MembershipRole.TEACHER)
    assert made.ends_on == datetime.date(2026, 12, 4)
    for day, count in (("2026-12-04", 1), ("2026-12-05", 0)):
        with time_machine.travel(f"{day}T10:00:00+01:00", tick=False):
            end_class_teachers()
        assert Membership.objects.filter(person=newcomer).count() == count


def test_what_a_feed_says_is_not_taken_back_here(cast: Cast, client_of: ClientOf) -> None:
    teacher = make.make_person(school=cast.school_a, profile=Profile.TEACHER)
    said = Membership.objects.create(
        person=teacher, group=cast.class_a, role=MembershipRole.TEACHER, source=Source.FEED
    )
    client = client_of(cast.head)
    asked = {"enseignant": teacher.uuid, "classes": [cast.class_a.uuid]}
    page = client.post(address(cast), asked, follow=True).content.decode()
    assert "était déjà de ces classes" in page
    detach = {"enseignant": teacher.uuid, "classe": cast.class_a.uuid}
    assert client.post(f"{address(cast)}detacher/", detach).status_code == 404
    said.refresh_from_db()
    assert said.source == Source.FEED
