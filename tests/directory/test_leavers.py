"""Three months after a departure nothing is left; the school is told a week before (R-D5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.urls import reverse

from directory.enums import Profile, Role
from directory.lifecycle.dates import day_being_prepared, erasure_day, last_end_erased_by
from directory.lifecycle.erasing import ERASE_LEAVERS
from directory.lifecycle.erasure_list import UnreadableListError, replay_erasures
from directory.models import Person, School
from directory.tasks import look_for_leavers
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now
from messaging.models import Message
from tests import factories as make
from tests.cast import Cast

PARIS = ZoneInfo("Europe/Paris")
LEFT = datetime(2026, 9, 15, 10, tzinfo=PARIS)
ClientOf = Callable[[Person | None], Client]


def paris(text: str) -> datetime:
    """An instant of the clock on the wall in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def make_leaver(school: School | None, *, left_at: datetime = LEFT, **fields: Any) -> Person:
    """A pupil with an account who left."""
    person = make.make_person(school=school, left_at=left_at, **fields)
    make.make_account(person=person)
    return person


def run_what_waits() -> None:
    """What a worker does with the erasures that wait."""
    for job in Job.objects.filter(kind=ERASE_LEAVERS, state=JobState.QUEUED):
        run_now(job)


def night(now: datetime) -> None:
    """The hourly look and the jobs that it asks for, at this instant."""
    with time_machine.travel(now, tick=False):
        look_for_leavers()
        run_what_waits()


def test_the_three_months_end_on_the_same_day_or_at_the_end_of_a_shorter_month() -> None:
    """Every day of five years, two of them leap years."""
    for number in range(5 * 366):
        day = date(2027, 1, 1) + timedelta(days=number)
        end = erasure_day(day)
        assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == 3
        assert end.day == day.day or (end + timedelta(days=1)).month != end.month
        last = last_end_erased_by(day)
        assert erasure_day(last) <= day < erasure_day(last + timedelta(days=1))


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-12-14T19:59", "2026-12-14"),
        ("2026-12-14T20:00", "2026-12-15"),
        ("2026-12-15T03:00", "2026-12-15"),
        ("2026-10-24T23:30", "2026-10-25"),  # the clocks go back that night
    ],
)
def test_the_night_before_a_day_begins_in_the_evening(now: str, day: str) -> None:
    assert day_being_prepared(paris(now)) == date.fromisoformat(day)


@pytest.mark.django_db
def test_a_leaver_is_erased_in_the_night_before_the_day_and_not_in_the_one_before() -> None:
    school = make.make_school()
    leaver, later = make_leaver(school), make_leaver(school, left_at=LEFT + timedelta(days=1))
    stays = make.make_person(school=school)
    night(paris("2026-12-14T19:30"))
    assert Person.objects.count() == 3
    night(paris("2026-12-14T20:30"))
    assert set(Person.objects.all()) == {later, stays}
    event = AuditEvent.objects.of_acts([Act.PERSON_ERASED]).get()
    assert (event.school_uai, event.details) == (school.uai, {"count": 1})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_account WHERE person_id = %s", [leaver.pk])
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_who_left_on_the_last_day_of_november_is_gone_at_the_end_of_february() -> None:
    make_leaver(make.make_school(), left_at=paris("2026-11-30T00:05"))
    night(paris("2027-02-26T23:00"))
    assert Person.objects.count() == 1
    night(paris("2027-02-27T23:00"))
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_a_role_that_ended_later_counts_and_one_in_force_keeps_its_holder() -> None:
    school = make.make_school()
    with time_machine.travel(LEFT):
        held, ended = (
            make_leaver(school, profile=Profile.TEACHER, given_name=name) for name in ("A", "B")
        )
        make.give_role(person=held, role=Role.EDITOR, school=school)
        make.give_role(person=ended, role=Role.EDITOR, school=school, expires_on=date(2026, 10, 1))
    night(paris("2026-12-31T19:00"))
    assert set(Person.objects.all()) == {held, ended}
    night(paris("2026-12-31T20:00"))
    assert set(Person.objects.all()) == {held}


@pytest.mark.django_db
def test_somebody_without_school_is_erased_and_counted_too() -> None:
    make_leaver(None)
    night(paris("2026-12-15T02:00"))
    assert not Person.objects.exists()
    assert AuditEvent.objects.of_acts([Act.PERSON_ERASED]).get().school_uai == ""


@pytest.mark.django_db
def test_more_than_a_batch_goes_in_one_night_and_one_job_is_asked_for() -> None:
    school = make.make_school()
    for number in range(230):
        make.make_person(school=school, left_at=LEFT, given_name=f"P{number}")
    with time_machine.travel(paris("2026-12-15T02:00"), tick=False):
        look_for_leavers()
        look_for_leavers()
        assert Job.objects.filter(kind=ERASE_LEAVERS).count() == 1
        run_what_waits()
    assert not Person.objects.exists()
    assert Job.objects.get(kind=ERASE_LEAVERS).result == {"count": 230}


@pytest.mark.django_db
def test_the_school_is_told_once_a_week_before_and_nobody_is_named() -> None:
    school, other = make.make_school(), make.make_school()
    heads = [make.make_person(school=one, profile=Profile.HEAD) for one in (school, other)]
    for head, place in zip(heads, (school, other), strict=True):
        make.give_role(person=head, role=Role.SCHOOL_ADMINISTRATOR, school=place)
    make_leaver(school, family_name="Zzyzwick")
    make_leaver(school, family_name="Zzyzwock", left_at=LEFT + timedelta(days=30))
    night(paris("2026-12-07T12:00"))
    assert not Message.objects.exists()
    for hour in (8, 9, 10):
        night(paris(f"2026-12-08T{hour:02d}:00"))
    message = Message.objects.get()
    assert message.subject == "Un compte en départ sera effacé dans une semaine"
    assert "15 décembre 2026" in message.body
    assert "Zzyzw" not in message.body
    assert [entry.recipient for entry in message.entries.all()] == [heads[0]]


@pytest.mark.django_db
def test_who_came_back_and_left_again_is_told_again() -> None:
    school = make.make_school()
    head = make.make_person(school=school, profile=Profile.HEAD)
    make.give_role(person=head, role=Role.SCHOOL_ADMINISTRATOR, school=school)
    leaver = make_leaver(school)
    night(paris("2026-12-08T08:00"))
    Person.objects.filter(pk=leaver.pk).update(left_at=paris("2026-12-10T08:00"))
    night(paris("2027-03-03T08:00"))
    night(paris("2027-03-03T09:00"))
    assert Message.objects.count() == 2
    assert Person.objects.filter(pk=leaver.pk).exists()


@pytest.mark.django_db
def test_a_restored_backup_erases_again_whoever_was_erased_since() -> None:
    school = make.make_school()
    leaver = make_leaver(school)
    stays = make.make_person(school=school)
    night(paris("2026-12-15T02:00"))
    path = Path(settings.ERASURE_LIST)
    assert str(leaver.uuid) not in path.read_text(encoding="ascii")
    assert path.stat().st_mode & 0o077 == 0
    make.make_person(school=school, uuid=leaver.uuid)  # as the backup brings them back
    call_command("replay_erasures")
    assert list(Person.objects.all()) == [stays]
    call_command("replay_erasures")
    assert list(Person.objects.all()) == [stays]


@pytest.mark.django_db
def test_a_list_that_cannot_be_read_erases_nobody_and_is_named(tmp_path: Path) -> None:
    leaver = make_leaver(make.make_school())
    night(paris("2026-12-15T02:00"))
    good = Path(settings.ERASURE_LIST).read_text(encoding="ascii")
    broken = tmp_path / "erasures.txt"
    broken.write_text(f"{good}not a line at all\n", encoding="ascii")
    make.make_person(uuid=leaver.uuid)
    with pytest.raises(UnreadableListError, match="ligne 2"):
        replay_erasures(broken)
    assert Person.objects.count() == 1
    with pytest.raises(CommandError, match="n'existe pas"):
        call_command("replay_erasures", tmp_path / "absent.txt")


@pytest.mark.django_db
def test_the_page_lists_the_leavers_of_ones_own_schools(cast: Cast, client_of: ClientOf) -> None:
    mine = make_leaver(cast.school_a, family_name="Partie", given_name="Anne")
    theirs = make_leaver(cast.school_b, family_name="Ailleurs", given_name="Paul")
    later = make_leaver(cast.school_a, family_name="Tardive", left_at=LEFT + timedelta(days=40))
    address = reverse("directory:leavers")
    with time_machine.travel(paris("2026-12-09T12:00"), tick=False):
        page = client_of(cast.head).get(address).content.decode()
        assert mine.full_name in page
        assert "15/12/2026" in page
        assert "dans 6 jours" in page
        assert later.full_name in page
        assert theirs.full_name not in page
        week = client_of(cast.head).get(address, {"quand": "semaine"}).content.decode()
        assert mine.full_name in week
        assert later.full_name not in week
        assert client_of(cast.credentials_manager).get(address).status_code == 403


@pytest.mark.django_db
def test_the_sheet_says_when_the_account_goes(cast: Cast, client_of: ClientOf) -> None:
    mine = make_leaver(cast.school_a)
    page = client_of(cast.head).get(reverse("directory:person", args=[mine.uuid]))
    assert "Le compte sera effacé le 15 décembre 2026." in page.content.decode()
