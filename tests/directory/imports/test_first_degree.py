"""The first degree: classes known from their pupils, links without a level, the other names."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account
from directory.enums import DeliveryState, MembershipRole, Profile, Role, Source
from directory.imports.layouts.aaf.first.pupils import label_sort_key
from directory.imports.runs.sequence import run_import
from directory.imports.runs.state import ImportOutcome
from directory.models import (
    Affiliation,
    Authority,
    Group,
    Membership,
    Person,
    Record,
    Responsibility,
    School,
)
from directory.models.deliveries import Anomaly
from tests.directory.imports.deliveries import small_school
from tests.directory.imports.first_degree import small_primary_school

pytestmark = pytest.mark.django_db
Importer = Callable[..., ImportOutcome]


@pytest.fixture
def deliver(academy: Authority, tmp_path: Path) -> Importer:
    """Write a delivery and import it; departures are confirmed."""

    def run(delivery: Any) -> ImportOutcome:
        path = delivery.write(tmp_path / "delivery")
        outcome = run_import(paths=[path], authority=academy)
        if outcome.state == DeliveryState.HELD:
            token = str(outcome.delivery.guard["token"])
            outcome = run_import(paths=[path], authority=academy, confirmed_token=token)
        assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
        return outcome

    return run


def classes() -> dict[str, int]:
    """The open classes: what people read → how many pupils."""
    return {
        group.code: group.memberships.filter(person__left_at=None).count()
        for group in Group.objects.filter(is_present=True)
    }


def person(identifier: str, degree: str = "1D") -> Person:
    """The person of a record."""
    found = Record.objects.get(external_id=identifier, degree=degree).person
    assert found is not None
    return found


def test_a_school_comes_with_classes_levels_and_its_head(deliver: Importer) -> None:
    outcome = deliver(small_primary_school())
    assert outcome.delivery.degree == "1D"
    school = School.objects.get()
    assert (school.name, school.town, school.phone, school.is_active) == (
        "École primaire du Pont", "Nancy", "+33 3 83 00 00 00", True,
    )  # fmt: skip
    assert classes() == {"CP MME MARTIN": 6, "CE1 M. DUBOIS": 6}
    pupil = person("1")
    assert (pupil.level, pupil.cycle, pupil.given_name) == ("CP", "CYCLE II", "Lou")
    mother = person("1001")
    assert (mother.profile, mother.mobile_phone) == (Profile.GUARDIAN, "+33 6 39 98 11 11")
    head, teacher = person("5001"), person("5002")
    assert (head.profile, teacher.profile) == (Profile.HEAD, Profile.TEACHER)
    assert [grant.role for grant in head.role_grants.all()] == [Role.SCHOOL_ADMINISTRATOR]
    assert Account.objects.count() == 26
    assert not Anomaly.objects.exclude(severity="info").exists()


def test_classes_stand_in_the_order_of_their_levels() -> None:
    labels = ["CM2 M. ROUX", "CE1-CE2", "Ulis", "CP MME MARTIN", "PS/MS", "CE1 A"]
    assert sorted(labels, key=label_sort_key) == [
        "PS/MS", "CP MME MARTIN", "CE1 A", "CE1-CE2", "CM2 M. ROUX", "Ulis",
    ]  # fmt: skip


def test_the_same_set_again_changes_nothing(deliver: Importer) -> None:
    deliver(small_primary_school())
    again = small_primary_school()
    again.date = "20260902"
    outcome = deliver(again)
    assert outcome.delivery.counters["unchanged"] == 26
    assert classes() == {"CP MME MARTIN": 6, "CE1 M. DUBOIS": 6}


def test_a_class_keeps_its_number_when_its_label_changes(deliver: Importer) -> None:
    """Two labels change places: the classes are known by their numbers."""
    deliver(small_primary_school())
    before = {group.feed_id: group.pk for group in Group.objects.all()}
    later = small_primary_school()
    later.date = "20260902"
    for number, pupil in later.pupils.items():
        other = "73183$CE1 M. DUBOIS" if int(number) % 2 else "73184$CP MME MARTIN"
        pupil["ENTPersonClasses"] = f"700$11$ORDINAIRE${other}"
    deliver(later)
    assert {group.feed_id: group.pk for group in Group.objects.all()} == before
    assert Group.objects.get(feed_id="73183").code == "CE1 M. DUBOIS"


def test_two_classes_of_one_label_show_their_numbers(deliver: Importer) -> None:
    made = small_primary_school()
    for number, pupil in made.pupils.items():
        in_class = "73183$CP" if int(number) % 2 else "73184$CP"
        pupil["ENTPersonClasses"] = f"700$11$ORDINAIRE${in_class}"
    deliver(made)
    assert classes() == {"CP (73183)": 6, "CP (73184)": 6}


@pytest.mark.parametrize("link", ["10", "20", "50", "51"])
def test_parents_and_legal_guardians_follow(deliver: Importer, link: str) -> None:
    made = small_primary_school(2)
    made.pupils["1"]["ENTEleveAutoriteParentale"] = f"1001${link}"
    deliver(made)
    assert Responsibility.objects.get(guardian=person("1001")).is_legal
    assert person("1001").profile == Profile.GUARDIAN


def test_a_grandparent_follows_where_the_authority_says_so(
    deliver: Importer, academy: Authority
) -> None:
    made = small_primary_school(2)
    made.pupils["1"]["ENTEleveAutoriteParentale"] = "1001$38"
    deliver(made)
    assert person("1001").profile == Profile.CONTACT
    told = Anomaly.objects.get(code="link_without_right")
    assert "1 responsable est cité avec le lien 38" in told.message
    academy.first_degree_links = [38]
    academy.save()
    Record.objects.filter(category="Eleve").update(checksum=b"")
    made.date = "20260902"
    deliver(made)
    assert person("1001").profile == Profile.GUARDIAN


@pytest.mark.parametrize(
    ("header", "project"),
    [
        ('<!-- versionAF="AAF-VE2003" -->\n<!-- degre="1D" -->\n', "ENTBFC"),
        ('<!-- versionSDET="Annexe 1 version 6.3" -->\n', "ENTBFC"),
        ("", "ENT1D"),
        ("", "ENTBFC"),
    ],
)
def test_the_degree_is_read_from_the_header_the_name_or_the_objects(
    deliver: Importer, header: str, project: str
) -> None:
    made = small_primary_school(2)
    made.header, made.project = header, project
    assert deliver(made).delivery.degree == "1D"


def test_an_agent_of_both_degrees_is_one_person_with_two_records(deliver: Importer) -> None:
    second = small_school()
    second.member("5001", functions=["100$ENS$ENSEIGNEMENT$L0422$ANGLAIS"])
    second.member("5002", functions=["100$ENS$ENSEIGNEMENT$L0422$ANGLAIS"], sn="AUTRE")
    deliver(second)
    deliver(small_primary_school())
    agent = person("5001")
    assert agent == person("5001", "2D")
    assert person("5002") != person("5002", "2D")
    schools = Affiliation.objects.filter(person=agent).values_list("school__uai", "profile")
    assert set(schools) == {("0540001A", Profile.TEACHER), ("0541234A", Profile.HEAD)}
    assert Account.objects.filter(person=agent).count() == 1
    assert Anomaly.objects.filter(code="other_names_same_id").count() == 1

    later = small_primary_school()
    later.date = "20260902"
    del later.staff["5001"]
    deliver(later)
    agent.refresh_from_db()
    assert agent.left_at is None
    assert [a.school.uai for a in Affiliation.objects.filter(person=agent)] == ["0540001A"]
    second.date = "20260902"
    del second.staff["5001"]
    deliver(second)
    agent.refresh_from_db()
    assert agent.left_at is not None


def test_a_pupil_who_goes_up_is_the_same_person(deliver: Importer) -> None:
    """Same INE and birth date; another birth date is for a human to look at."""
    deliver(small_primary_school())
    left = small_primary_school()
    left.date = "20260902"
    del left.pupils["1"]
    deliver(left)
    pupil = person("1")
    assert pupil.left_at is not None
    login = Account.objects.get(person=pupil).login
    second = small_school(2)
    second.pupils["1"] |= {"ENTEleveINE": "000000001AB", "ENTPersonDateNaissance": "12/03/2019"}
    second.pupils["2"] |= {"ENTEleveINE": "000000002AB", "ENTPersonDateNaissance": "13/03/2019"}
    deliver(second)
    pupil.refresh_from_db()
    assert person("1", "2D") == pupil
    assert person("1", "2D").left_at is None
    assert pupil.family_name == "NOM1"
    assert [a.school.uai for a in Affiliation.objects.filter(person=pupil)] == ["0540001A"]
    assert Account.objects.get(person=pupil).login == login
    assert person("2", "2D") != person("2")
    assert Anomaly.objects.filter(code="ine_twice").count() == 1


def test_files_of_two_degrees_are_not_mixed(
    deliver: Importer, academy: Authority, tmp_path: Path
) -> None:
    first = small_primary_school(2).write(tmp_path / "one")
    second = small_school(2).write(tmp_path / "two")
    outcome = run_import(paths=[first, second], authority=academy)
    assert "premier et du second degré" in outcome.delivery.refusal


def test_a_class_that_has_not_five_parts_is_reported(deliver: Importer) -> None:
    made = small_primary_school(2)
    made.pupils["1"]["ENTPersonClasses"] = "700$CP"
    deliver(made)
    assert Anomaly.objects.filter(code="bad_place").count() == 1


def test_a_teacher_attached_by_hand_stays_until_they_leave_the_school(deliver: Importer) -> None:
    """The class closes all the same when its last pupil has gone."""
    deliver(small_primary_school())
    teacher, group = person("5002"), Group.objects.get(feed_id="73183")
    Membership.objects.create(
        person=teacher,
        group=group,
        role=MembershipRole.TEACHER,
        source=Source.MANUAL,
        ends_on=datetime.date(2027, 8, 31),
    )
    later = small_primary_school()
    later.date = "20260902"
    later.pupils = {key: made for key, made in later.pupils.items() if int(key) % 2 == 0}
    deliver(later)
    group.refresh_from_db()
    assert not group.is_present
    assert teacher.memberships.count() == 1
    later.date = "20260903"
    later.school("701", uai="0541235B")
    later.pupil("90", school="701", in_class="73190$CM2", guardians=["1001$10"])
    later.staff["5002"]["ENTPersonFonctions"] = "701$ENS$ENSEIGNEMENT$G0000$SANS SPECIALITE"
    deliver(later)
    assert teacher.memberships.count() == 0
