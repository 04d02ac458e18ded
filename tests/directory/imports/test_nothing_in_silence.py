"""What a delivery gets wrong is said, or refused: nothing passes in silence."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from directory.enums import DeliveryState, Profile
from directory.imports.runs.sequence import run_import
from directory.models import Group, Person, Record
from ent.database.connections import connection_parameters
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import (
    Delivery,
    SchoolOf,
    record,
    small_school,
    write_delta,
    write_requests,
)
from tests.directory.imports.test_crash import start_import
from tests.factories import make_authority


def day(offset: int) -> str:
    return f"{timezone.localdate() + datetime.timedelta(days=offset):%Y%m%d}"


@pytest.mark.django_db
@pytest.mark.parametrize(("offset", "is_refused"), [(1, False), (2, True)])
def test_files_of_the_future_are_refused(deliver: Importer, offset: int, is_refused: bool) -> None:
    delivery = small_school()
    delivery.date = day(offset)
    outcome = deliver(delivery)
    assert (outcome.delivery.counters.get("refusal_code") == "in_the_future") is is_refused


@pytest.mark.django_db
def test_codes_of_classes_are_trimmed(deliver: Importer) -> None:
    delivery = small_school(3)
    delivery.schools[0].classes = [" 6A $6EME$10010012110"]
    delivery.pupil("1", ENTEleveClasses="100$6A ", guardians=["1001$10$1$1$0$1"])
    outcome = deliver(delivery)
    assert not outcome.delivery.anomalies.filter(code="group_not_listed").exists()
    assert list(Group.objects.filter(kind="classe").values_list("code", flat=True)) == ["6A"]


@pytest.mark.django_db
def test_the_same_ine_on_two_pupils_is_said(deliver: Importer) -> None:
    delivery = small_school(4).pupil("2", ENTEleveINE="000000001AB")
    found = deliver(delivery).delivery.anomalies.filter(code="ine_twice")
    assert set(found.values_list("object_id", flat=True)) == {"1", "2"}
    later = delivery.copy(date="20260902").pupil("9", ENTEleveINE="000000003AB")
    found = deliver(later).delivery.anomalies.filter(code="ine_twice", object_id="9")
    assert found.count() == 1


@pytest.mark.django_db
def test_people_of_a_school_of_another_authority_do_not_arrive_without_it(
    deliver: Importer, tmp_path: Path
) -> None:
    deliver(small_school())
    reims = make_authority(code="REIMS")
    there = small_school(5)
    there.schools = [
        SchoolOf(academy="REIMS"),  # the school of the first academy, by its UAI
        SchoolOf(ref="200", uai="0510001R", academy="REIMS"),
    ]
    there.pupil("50", school="200", guardians=["1001$10$1$1$0$1"])
    outcome = deliver(there, authority=reims)
    assert outcome.state == DeliveryState.APPLIED
    pupils = Record.objects.filter(authority=reims, category="Eleve")
    assert set(pupils.values_list("external_id", flat=True)) == {"50"}
    assert outcome.delivery.anomalies.filter(code="foreign_school", object_id="1").exists()
    assert not Person.objects.filter(profile=Profile.PUPIL, affiliations=None).exists()


@pytest.mark.django_db
def test_a_school_whose_pupils_all_lack_a_class_is_said(deliver: Importer) -> None:
    delivery = small_school(6)
    for pupil in delivery.pupils.values():
        pupil["ENTEleveClasses"] = ""
    found = deliver(delivery).delivery.anomalies.get(code="all_without_class")
    assert found.school_uai == "0540001A"
    assert "Aucun des 6 élèves" in found.message


@pytest.mark.django_db
@pytest.mark.parametrize("lost", ["Eleve", "PersRelEleve"])
def test_a_lost_last_chunk_is_betrayed_by_those_who_cite_it(deliver: Importer, lost: str) -> None:
    delivery = small_school(60)
    for number in range(1, 61):
        delivery.guardian(str(1000 + number), ENTAuxPersRelEleveEleve=str(number))
    for number in range(31, 61):
        if lost == "Eleve":
            del delivery.pupils[str(number)]
        else:
            del delivery.guardians[str(1000 + number)]
    refused = deliver(delivery).delivery
    assert refused.counters["refusal_code"] == "last_chunk_lost"
    assert lost in refused.refusal
    assert not Person.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "family", "login"),
    [("Иван", "Петров", "ivan.petrov"), ("Jürgen", "STRAẞE", "jurgen.strasse")],
)
def test_names_of_every_script_give_a_login(
    deliver: Importer, given: str, family: str, login: str
) -> None:
    delivery = small_school(2).pupil("1", givenName=given, sn=family, ENTPersonNomPatro="")
    delivery.encoding = "UTF-8"
    deliver(delivery)
    assert Account.objects.filter(login=login).exists()


@pytest.mark.django_db
def test_a_delta_of_strangers_is_refused(deliver: Importer, tmp_path: Path) -> None:
    deliver(small_school())
    strangers = Delivery(date="20260902")
    for number in range(500, 512):
        strangers.pupil(str(number), school="900")
    folder = write_requests(
        tmp_path / "strangers",
        {"Eleve": [record("Eleve", key, a) for key, a in strangers.pupils.items()]},
        date="20260902",
    )
    assert deliver(folder).delivery.counters["refusal_code"] == "unknown_ids"


@pytest.mark.django_db
def test_an_older_delta_is_refused_and_the_same_again_changes_nothing(
    deliver: Importer, tmp_path: Path
) -> None:
    first = small_school(60)
    deliver(first)
    second = first.copy(date="20260902").pupil("1", sn="AUTRE", guardians=["1001$10$1$1$0$1"])
    third = second.copy(date="20260902").pupil("1", sn="ENCORE", guardians=["1001$10$1$1$0$1"])
    one = write_delta(tmp_path / "one", before=first, after=second)
    two = write_delta(tmp_path / "two", before=second, after=third)
    assert deliver(one).delivery.counters["changed"] == 1
    assert deliver(one).delivery.counters["changed"] == 0
    assert deliver(two).delivery.counters["changed"] == 1
    assert deliver(one).delivery.counters["refusal_code"] == "already_applied"
    older = write_delta(tmp_path / "old", before=first, after=second.copy(date="20260831"))
    assert deliver(older).delivery.counters["refusal_code"] == "older_than_last"
    assert Person.objects.filter(family_name="ENCORE").count() == 1


@pytest.mark.django_db
def test_the_guard_weighs_what_a_delta_deletes(deliver: Importer, tmp_path: Path) -> None:
    first = small_school(60)
    deliver(first)
    second = first.copy(date="20260902")
    for number in range(1, 31):
        del second.pupils[str(number)]
    held = deliver(write_delta(tmp_path / "delta", before=first, after=second))
    assert held.state == DeliveryState.HELD
    assert held.delivery.guard["leaving"] == 30


@pytest.mark.django_db(transaction=True)
def test_a_server_lost_after_the_commit_says_applied(tmp_path: Path) -> None:
    def lose(step: str, _done: int, _total: int) -> None:
        if step == "Entretien de la base":  # the first thing after the commit
            pid = connection.connection.info.backend_pid
            with psycopg.connect(**connection_parameters(), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])

    folder = small_school().write(tmp_path / "delivery")
    outcome = run_import(paths=[folder], authority=make_authority(code="NANCY-METZ"), progress=lose)
    connection.close()
    assert outcome.state == DeliveryState.APPLIED


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_academies_that_import_the_same_names_at_once_all_end(tmp_path: Path) -> None:
    processes: list[Any] = []
    for number, code in enumerate(("NANCY-METZ", "REIMS", "DIJON")):
        make_authority(code=code)
        made = small_school(150)
        made.schools = [SchoolOf(uai=f"0{number}10001A", academy=code)]
        processes.append(start_import(made.write(tmp_path / code), code))
    assert [process.wait(timeout=150) for process in processes] == [0, 0, 0]
    assert Account.objects.count() == 3 * 302
