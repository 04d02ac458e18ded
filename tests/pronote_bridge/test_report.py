"""The report before an export."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from directory.enums import AccessState, Profile
from directory.models import Person
from pronote_bridge.enums import LeftOut, ReportPart
from pronote_bridge.exports.report import Report, report_of
from pronote_bridge.models import Export, Instance
from sso.models import ServiceIdentifier
from sso.release.identifiers import new_value
from tests import factories as make
from tests.pronote_bridge.files import make_key_pair
from tests.pronote_bridge.population import (
    downloaded,
    made_export,
    make_instance,
    make_pupil,
    make_staff,
    make_vendor,
    manager_of,
)

pytestmark = pytest.mark.django_db


def read(instance: Instance, base: Export | None = None) -> Report:
    """The report of somebody who administers every school."""
    return report_of(instance, seen=instance.schools, base=base)


def names(report: Report, part: LeftOut | ReportPart) -> list[str]:
    """Whom the report names there."""
    section = report.section(part.value)
    return [one.family_name for one in section.people] if section is not None else []


def test_whoever_is_left_out_is_named_with_the_reason() -> None:
    school = make.make_school()
    make_pupil(school, family_name="Partie", left_at=timezone.now())
    make_pupil(school, family_name="Bloquée", access_state=AccessState.BLOCKED)
    make_pupil(school, family_name="")
    make_pupil(school, family_name="Muet", given_name="")
    make_pupil(school, family_name="Signe\x07")
    make_pupil(school, family_name="SansDate", birth_date=None)
    make.make_person(school=school, profile=Profile.GUARDIAN, family_name="SansEnfant")
    report = read(make_instance(school))
    assert names(report, LeftOut.LEAVING) == ["Partie"]
    assert names(report, LeftOut.BLOCKED) == ["Bloquée"]
    assert "Muet" in names(report, LeftOut.NO_NAME)
    assert names(report, LeftOut.UNWRITABLE) == ["Signe\x07"]
    assert names(report, LeftOut.NO_BIRTH_DATE) == ["SansDate"]
    assert names(report, LeftOut.NO_CHILD) == ["SansEnfant"]


def test_homonyms_are_told_apart_from_those_born_the_same_day() -> None:
    school = make.make_school()
    for birth_date in ("2012-01-01", "2012-01-01", "2013-05-05"):
        make_pupil(school, family_name="Martin", given_name="Léa", birth_date=birth_date)
    make_pupil(school, family_name="MARTIN", given_name="Lea", birth_date="2014-01-01")
    report = read(make_instance(school))
    assert len(names(report, ReportPart.TWINS)) == 2
    assert len(names(report, ReportPart.HOMONYMS)) == 2


def test_a_teacher_who_is_a_parent_and_a_former_identifier_are_named() -> None:
    school = make.make_school()
    teacher = make_staff(school, "ENS", family_name="Double")
    make.make_child_of(guardian=teacher, pupil=make_pupil(school))
    instance = make_instance(school)
    ServiceIdentifier.objects.create(
        person=teacher,
        service=instance.service,
        value=new_value(),
        is_current=False,
        replaced_at=timezone.now(),
    )
    report = read(instance)
    assert names(report, ReportPart.STAFF_PARENTS) == ["Double"]
    assert set(names(report, ReportPart.FORMER)) == {"Double"}


def test_what_is_new_changed_or_gone_since_the_last_export_is_named(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    make_vendor(make_key_pair(tmp_path_factory.mktemp("key")))
    school = make.make_school()
    make_pupil(school, family_name="Pareil")
    changed = make_pupil(school, family_name="Avant")
    gone = make_pupil(school, family_name="Partie")
    instance = make_instance(school)
    base = downloaded(made_export(instance, manager_of(school)))
    Person.objects.filter(pk=changed.pk).update(family_name="Après")
    gone.affiliations.all().delete()
    make_pupil(school, family_name="Nouveau")
    report = read(instance, base)
    assert names(report, ReportPart.NEW) == ["Nouveau"]
    assert names(report, ReportPart.CHANGED) == ["Après"]
    assert names(report, ReportPart.DEPARTED) == ["Partie"]


def test_an_export_changes_nothing_of_what_the_report_says(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    make_vendor(make_key_pair(tmp_path_factory.mktemp("key")))
    school = make.make_school()
    for _ in range(3):
        make.make_child_of(
            guardian=make.make_person(profile=Profile.GUARDIAN), pupil=make_pupil(school)
        )
    instance, manager = make_instance(school), manager_of(school)
    base = downloaded(made_export(instance, manager))
    report = read(instance, base)
    assert report.total == base.person_count == 6
    assert not report.notes


def test_people_of_a_school_that_left_a_group_are_told_to_nobody_of_the_other_school(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    make_vendor(make_key_pair(tmp_path_factory.mktemp("key")))
    first, second = make.make_school(), make.make_school()
    own = make_pupil(first, family_name="Partie-Ici")
    make_pupil(first, family_name="Reste")
    make_pupil(second, family_name="Ailleurs")
    gone = make_pupil(second, family_name="Nulle-Part")
    instance = make_instance(first, second)
    base = downloaded(made_export(instance, manager_of(first, second)))
    Person.objects.filter(pk=own.pk).update(left_at=timezone.now())
    gone.affiliations.all().delete()
    instance.memberships.filter(school=second).update(left_at=timezone.now())
    report = report_of(instance, seen=[first], base=base)
    assert names(report, ReportPart.DEPARTED) == ["Partie-Ici"]
    both = report_of(instance, seen=[first, second], base=base)
    assert names(both, ReportPart.DEPARTED) == ["Ailleurs", "Nulle-Part", "Partie-Ici"]


def test_somebody_gone_since_an_export_that_a_parted_school_is_not_in_is_named(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    make_vendor(make_key_pair(tmp_path_factory.mktemp("key")))
    first, second = make.make_school(), make.make_school()
    gone = make_pupil(first, family_name="Partie")
    make_pupil(first)
    moved = make_pupil(first, family_name="Passée")
    instance = make_instance(first, second)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    instance.memberships.filter(school=second).update(left_at=an_hour_ago)
    base = downloaded(made_export(instance, manager_of(first)))
    gone.affiliations.all().delete()
    moved.affiliations.update(school=second)
    report = report_of(instance, seen=[first], base=base)
    assert names(report, ReportPart.DEPARTED) == ["Partie"]
