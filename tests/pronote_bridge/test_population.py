"""Who stands in the file, in which list, and who does not."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from directory.enums import AccessState, Profile, Relationship
from directory.models import Affiliation, Person, Responsibility
from pronote_bridge.enums import ListKind
from pronote_bridge.models import Instance
from pronote_bridge.population.identifiers import make_identifiers
from pronote_bridge.population.members import Member, members_of
from pronote_bridge.population.snapshot import count_rows, fill_rows
from sso.release.identifiers import identifier_for
from tests import factories as make
from tests.pronote_bridge.population import make_instance, make_pupil, make_staff

pytestmark = pytest.mark.django_db


def lists_of(instance: Instance) -> dict[ListKind, list[str]]:
    """The family names of each list."""
    found: dict[ListKind, list[str]] = {}
    for member in members_of(instance):
        found.setdefault(member.kind, []).append(member.family_name)
    return found


def one(instance: Instance, person: Person) -> Member:
    """The only line of somebody."""
    (found,) = [member for member in members_of(instance) if member.person_id == person.pk]
    return found


def test_teachers_and_librarians_stand_in_professeurs_everybody_else_in_personnels() -> None:
    school = make.make_school()
    make_staff(school, "ENS", family_name="Enseignante")
    make_staff(school, "DOC", Profile.LIBRARIAN, family_name="Documentaliste")
    make_staff(school, "DIR", Profile.HEAD, family_name="Principale")
    make_staff(school, "EDU", Profile.SCHOOL_LIFE, family_name="Conseiller")
    make.make_person(profile=Profile.TEACHER, school=school, family_name="Saisie")
    make.make_person(profile=Profile.GUEST, school=school, family_name="Invitée")
    assert lists_of(make_instance(school)) == {
        ListKind.STAFF: ["Conseiller", "Invitée", "Principale"],
        ListKind.TEACHERS: ["Documentaliste", "Enseignante", "Saisie"],
    }


def test_who_teaches_and_directs_stands_in_both_lists() -> None:
    school = make.make_school()
    person = make_staff(school, "ENS", family_name="Cumul")
    make.affiliate(person=person, school=school, function_code="ADF", profile=Profile.STAFF)
    assert lists_of(make_instance(school)) == {
        ListKind.STAFF: ["Cumul"],
        ListKind.TEACHERS: ["Cumul"],
    }


def test_guardians_with_the_right_to_follow_a_pupil_are_there_and_no_mere_contact() -> None:
    school = make.make_school()
    pupil = make_pupil(school, family_name="Élève")
    parent = make.make_person(profile=Profile.GUARDIAN, family_name="Mère")
    make.make_child_of(guardian=parent, pupil=pupil)
    contact = make.make_person(profile=Profile.CONTACT, family_name="Voisine")
    make.make_child_of(guardian=contact, pupil=pupil, is_legal=False)
    instance = make_instance(school)
    assert lists_of(instance) == {ListKind.GUARDIANS: ["Mère"], ListKind.PUPILS: ["Élève"]}
    assert one(instance, parent).children_ids == (pupil.pk,)


def test_a_teacher_who_is_a_parent_stands_in_both_lists() -> None:
    school = make.make_school()
    teacher = make_staff(school, "ENS", family_name="Double")
    make.make_child_of(guardian=teacher, pupil=make_pupil(school, family_name="Enfant"))
    assert lists_of(make_instance(school))[ListKind.GUARDIANS] == ["Double"]


@pytest.mark.parametrize(
    "fields",
    [
        {"left_at": timezone.now()},
        {"access_state": AccessState.BLOCKED},
        {"birth_date": None},
        {"given_name": " "},
        {"given_name": "Zo\x0b"},
    ],
    ids=["leaving", "blocked", "no birth date", "no given name", "unwritable"],
)
def test_who_cannot_be_in_the_file_is_out_with_the_parents_of_nobody_else(
    fields: dict[str, object],
) -> None:
    school = make.make_school()
    pupil = make_pupil(school, **fields)
    make.make_child_of(guardian=make.make_person(profile=Profile.GUARDIAN), pupil=pupil)
    assert lists_of(make_instance(school)) == {}


def test_somebody_of_two_schools_of_a_group_stands_once_and_nobody_of_another_school() -> None:
    first, second, elsewhere = make.make_school(), make.make_school(), make.make_school()
    pupil = make_pupil(first, family_name="Double")
    make.affiliate(person=pupil, school=second)
    make_pupil(elsewhere)
    assert lists_of(make_instance(first, second)) == {ListKind.PUPILS: ["Double"]}


def test_hostile_names_arrive_as_they_are() -> None:
    school = make.make_school()
    names = ["D’Ö & <fils>", "N\u2028ow", "X" * 100, "李", "Ελένη"]
    for name in names:
        make_pupil(school, family_name=name)
    assert sorted(lists_of(make_instance(school))[ListKind.PUPILS]) == sorted(names)


def test_a_pupil_brings_their_classes_and_the_identifier_of_the_service() -> None:
    school = make.make_school()
    pupil = make_pupil(school)
    make.put_in_group(person=pupil, group=make.make_class(school=school, code="4E3"))
    instance = make_instance(school)
    assert one(instance, pupil).identifier == ""
    value = identifier_for(person_id=pupil.pk, service_id=instance.service_id)
    found = one(instance, pupil)
    assert (found.class_names, found.identifier) == (("4E3",), value)


def test_an_instance_holds_only_the_lists_that_it_includes() -> None:
    school = make.make_school()
    make_pupil(school, family_name="Élève")
    make_staff(school, "ENS")
    instance = make_instance(school, includes=[ListKind.PUPILS])
    assert lists_of(instance) == {ListKind.PUPILS: ["Élève"]}


def test_three_thousand_people_are_read_at_once() -> None:
    """A planner that takes a set of people for one person joins them pair by pair: minutes."""
    school, born = make.make_school(), date(2012, 1, 1)
    people = Person.objects.bulk_create(
        Person(
            profile=Profile.PUPIL if number % 3 == 0 else Profile.GUARDIAN,
            family_name=f"Nom{number}",
            given_name="Camille",
            sort_key=f"nom{number} camille",
            birth_date=born,
        )
        for number in range(3_000)
    )
    Affiliation.objects.bulk_create(
        Affiliation(person=one, school=school, profile=one.profile) for one in people
    )
    Responsibility.objects.bulk_create(
        Responsibility(
            guardian=guardian,
            pupil=people[number // 3 * 3],
            relationship=Relationship.MOTHER,
            level=1,
            is_legal=True,
        )
        for number, guardian in enumerate(people)
        if number % 3
    )
    instance = make_instance(school)
    with connection.cursor() as cursor:
        for table in ("person", "affiliation", "responsibility"):
            cursor.execute(f"ANALYZE directory_{table}")
        cursor.execute("SET LOCAL statement_timeout = '10s'")
    assert make_identifiers(instance) == 3_000
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sso_serviceidentifier")
    fill_rows(instance)
    counts = count_rows()
    assert (counts[ListKind.PUPILS], counts[ListKind.GUARDIANS]) == (1_000, 2_000)
    assert sum(1 for _ in members_of(instance)) == 3_000
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
