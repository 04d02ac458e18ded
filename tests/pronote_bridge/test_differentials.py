"""Whoever imports a full file and every differential after it knows what a new full file says."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.enums import AccessState, Profile
from directory.models import Affiliation, Person, Responsibility, School
from pronote_bridge.models import Export, Instance
from tests import factories as make
from tests.pronote_bridge.files import KeyPair, make_key_pair
from tests.pronote_bridge.population import (
    content_of,
    downloaded,
    made_export,
    make_instance,
    make_pupil,
    make_staff,
    make_vendor,
    manager_of,
)
from tests.pronote_bridge.reader import Base, open_vendor_file

pytestmark = pytest.mark.django_db

CHANGES = (
    "pupil", "parent", "teacher", "rename", "move", "link", "unlink", "leave", "block", "unblock",
    "function", "birth date",
)  # fmt: skip
Change = tuple[str, int]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """The vendor's key pair."""
    return make_key_pair(tmp_path_factory.mktemp("key"))


def apply(change: Change, school: School) -> None:
    """Change the directory as an import or a person would."""
    what, number = change
    people = list(Person.objects.filter(affiliations__school=school).distinct().order_by("pk"))
    someone = people[number % len(people)] if people else make_pupil(school)
    chosen = Person.objects.filter(pk=someone.pk)
    pupils = [one for one in people if one.profile == Profile.PUPIL]
    match what:
        case "pupil":
            make_pupil(school)
        case "teacher":
            make_staff(school, "ENS")
        case "parent" if pupils:
            parent = make.make_person(profile=Profile.GUARDIAN, title="Mme", town="Nancy")
            make.make_child_of(guardian=parent, pupil=pupils[number % len(pupils)])
        case "rename":
            chosen.update(family_name=f"Nom{number}")
        case "move":
            chosen.update(address=f"{number} rue Neuve", town="Toul")
        case "link" if pupils and someone.profile != Profile.PUPIL:
            child = pupils[number % len(pupils)]
            if not Responsibility.objects.filter(guardian=someone, pupil=child).exists():
                make.make_child_of(guardian=someone, pupil=child)
        case "unlink":
            Responsibility.objects.filter(guardian=someone).delete()
        case "leave":
            Affiliation.objects.filter(person=someone).delete()
        case "block":
            chosen.update(access_state=AccessState.BLOCKED)
        case "unblock":
            Person.objects.update(access_state=AccessState.ACTIVE)
        case "function" if someone.profile == Profile.TEACHER:
            Affiliation.objects.get_or_create(
                person=someone, school=school, profile=Profile.STAFF, function_code="ADF"
            )
        case "birth date":
            chosen.update(birth_date=f"2011-02-{number % 28 + 1:02d}")


def import_into(base: Base, export: Export, pair: KeyPair) -> None:
    """Import an export as its reader would."""
    base.take(open_vendor_file(content_of(export), pair.private))


def replay(
    days: list[list[Change]], school: School, instance: Instance, pair: KeyPair
) -> None:  # fmt: skip
    """Import the first full file, then a differential a day; compare with a new full file."""
    manager = manager_of(school)
    known, fresh = Base(), Base()
    last = downloaded(made_export(instance, manager))
    import_into(known, last, pair)
    for day in days:
        for change in day:
            apply(change, school)
        last = downloaded(made_export(instance, manager, base=last))
        import_into(known, last, pair)
    import_into(fresh, made_export(instance, manager), pair)
    assert known.only(fresh.lines) == fresh.lines


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    days=st.lists(
        st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 40)), max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_a_full_file_and_its_differentials_say_what_a_new_full_file_says(
    days: list[list[Change]], pair: KeyPair, db: None
) -> None:
    with transaction.atomic():
        make_vendor(pair)
        school = make.make_school()
        for _ in range(2):
            parent = make.make_person(profile=Profile.GUARDIAN)
            make.make_child_of(guardian=parent, pupil=make_pupil(school))
        make_staff(school, "ENS")
        replay(days, school, make_instance(school), pair)
        transaction.set_rollback(True)
