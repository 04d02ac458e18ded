"""A person's academies are those of their affiliations, whoever writes these."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from directory.models import Affiliation, Authority, Person, School
from tests import factories as make
from tests.cast import Cast
from tests.directory.imports.conftest import row_versions


def written(person: Person) -> set[str]:
    """The academies that the database has written."""
    person.refresh_from_db()
    assert person.academies == "".join(f"{word} " for word in person.academies.split())
    return set(person.academies.split())


def of(*authorities: Authority) -> set[str]:
    """What stands for these academies."""
    return {f"@{authority.pk}" for authority in authorities}


def assert_exact() -> None:
    """Everybody's academies, against the affiliations read one by one."""
    links = Affiliation.objects.values_list("person", "school__authority")
    expected: dict[int, set[str]] = defaultdict(set)
    for person, authority in links:
        expected[person].add(f"@{authority}")
    for pk, academies in Person.objects.values_list("pk", "academies"):
        assert set(academies.split()) == expected[pk]


def test_an_affiliation_made_by_hand_names_its_academy_and_takes_it_away(cast: Cast) -> None:
    person = make.make_person()
    assert written(person) == set()
    first = make.affiliate(person=person, school=cast.school_a)
    make.affiliate(person=person, school=cast.school_b)
    assert written(person) == of(cast.academy)
    far = make.affiliate(person=person, school=cast.school_c)
    assert written(person) == of(cast.academy, cast.other_academy)
    first.delete()
    assert written(person) == of(cast.academy, cast.other_academy)
    far.delete()
    assert written(person) == of(cast.academy)
    person.affiliations.all().delete()
    assert written(person) == set()


def test_a_move_between_academies_is_followed(cast: Cast) -> None:
    affiliation = cast.far_pupil.affiliations.get()
    affiliation.school = cast.school_a
    affiliation.save()
    assert written(cast.far_pupil) == of(cast.academy)
    affiliation.person = cast.guest
    affiliation.save()
    assert written(cast.far_pupil) == set()
    assert written(cast.guest) == of(cast.academy)


def test_many_at_once_and_a_school_that_goes(cast: Cast) -> None:
    people = [make.make_person() for _ in range(5)]
    Affiliation.objects.bulk_create(
        Affiliation(person=person, school=school, profile=person.profile)
        for person in people
        for school in (cast.school_a, cast.school_c)
    )
    assert_exact()
    Affiliation.objects.filter(school=cast.school_c).update(school=cast.school_b, post_code="x")
    assert_exact()
    School.objects.filter(pk=cast.school_b.pk).delete()
    assert_exact()
    Person.objects.filter(pk=people[0].pk).delete()
    assert_exact()


def test_a_school_that_changes_its_authority_takes_its_people_along(cast: Cast) -> None:
    cast.school_a.authority = cast.other_academy
    cast.school_a.save()
    assert written(cast.pupil) == of(cast.other_academy)
    assert_exact()


def test_what_changes_no_academy_writes_nobody(cast: Cast) -> None:
    before = row_versions()["directory_person"]
    make.affiliate(person=cast.pupil, school=cast.school_b)
    Affiliation.objects.filter(person=cast.pupil).update(function_label="Délégué")
    Affiliation.objects.filter(person=cast.pupil, school=cast.school_b).delete()
    School.objects.update(town="Toul")
    assert row_versions()["directory_person"] == before


def test_an_import_that_puts_the_checks_of_references_aside_is_followed(cast: Cast) -> None:
    """Somebody known before may get an affiliation while triggers are put aside."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    person = make.make_person()
    make.affiliate(person=person, school=cast.school_c)
    assert written(person) == of(cast.other_academy)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_who_takes_an_affiliation_away_waits_for_who_gives_another() -> None:
    """Neither sees the other's: the one mark would be taken away under the new affiliation."""
    academy = make.make_authority()
    schools = [make.make_school(authority=academy) for _ in range(2)]
    person = make.make_person()
    old = make.affiliate(person=person, school=schools[0])
    make.affiliate(person=person, school=schools[1]).delete()
    parameters = connection.get_connection_params()
    known = {
        key: parameters[key] for key in ("dbname", "host", "port", "user") if parameters.get(key)
    }
    with psycopg.connect(**known) as giving, ThreadPoolExecutor() as pool:
        giving.execute(
            """INSERT INTO directory_affiliation (person_id, school_id, profile, function_code,
                function_label, post_code, post_label, source)
            SELECT %s, %s, profile, '', '', '', '', 'flux' FROM directory_person WHERE id = %s""",
            [person.pk, schools[1].pk, person.pk],
        )

        def take_away() -> None:
            with psycopg.connect(**known) as taking:
                taking.execute("DELETE FROM directory_affiliation WHERE id = %s", [old.pk])

        taken = pool.submit(take_away)
        assert not taken.done()
        with connection.cursor() as cursor:
            waiting = 0
            while not waiting and not taken.done():
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                waiting = cursor.fetchone()[0]
        giving.commit()
        taken.result(timeout=30)
    assert written(person) == of(academy)
