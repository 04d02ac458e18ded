"""A delivery speaks of what its project delivered, and of nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from directory.enums import DeliveryState
from directory.models import Person, School
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import Delivery, SchoolOf, small_school

pytestmark = pytest.mark.django_db


def of_project(delivery: Delivery, project: str, folder: Path) -> Path:
    written = delivery.write(folder)
    for file in list(written.iterdir()):
        file.rename(written / file.name.replace("ENT2DVA", project))
    return written


def other_department() -> Delivery:
    """Another school, another dozen of pupils; ids of its own."""
    made = Delivery(schools=[SchoolOf(ref="700", uai="0710001A", name="CLG$DES PINS$MACON")])
    for number in range(701, 713):
        made.guardian(str(7000 + number))
        made.pupil(str(number), school="700", guardians=[f"{7000 + number}$10$1$1$0$1"])
    return made


def test_a_department_empties_no_other_one(deliver: Importer, tmp_path: Path) -> None:
    deliver(of_project(small_school(), "ENT_TS_SERVICES_21", tmp_path / "21"))
    outcome = deliver(of_project(other_department(), "ENT_TS_SERVICES_71", tmp_path / "71"))
    assert outcome.state == DeliveryState.APPLIED
    assert outcome.delivery.counters["leaving"] == 0
    assert not Person.objects.filter(left_at__isnull=False).exists()
    assert School.objects.filter(is_active=True).count() == 2


def test_each_project_has_its_own_calendar(deliver: Importer, tmp_path: Path) -> None:
    deliver(of_project(small_school(), "ENT_TS_SERVICES_21", tmp_path / "21"))
    older = other_department().copy(date="20260830")
    assert deliver(of_project(older, "ENT_TS_SERVICES_71", tmp_path / "71")).state == (
        DeliveryState.APPLIED
    )
    again = small_school().copy(date="20260830")
    refused = deliver(of_project(again, "ENT_TS_SERVICES_21", tmp_path / "21 again"))
    assert refused.delivery.counters["refusal_code"] == "older_than_last"


def test_somebody_of_two_projects_leaves_with_the_last_that_delivered_them(
    deliver: Importer, tmp_path: Path
) -> None:
    first, second = small_school(60), other_department()
    shared = first.pupils["1"]
    second.pupils["1"], second.guardians["1001"] = shared, first.guardians["1001"]
    second.schools.append(SchoolOf())
    deliver(of_project(first, "ENT_TS_SERVICES_21", tmp_path / "21"))
    deliver(of_project(second, "ENT_TS_SERVICES_71", tmp_path / "71"))
    without = first.copy(date="20260902")
    del without.pupils["1"]
    assert (
        deliver(of_project(without, "ENT_TS_SERVICES_21", tmp_path / "b")).delivery.counters[
            "leaving"
        ]
        == 0
    )
    second = second.copy(date="20260903")
    del second.pupils["1"]
    outcome = deliver(of_project(second, "ENT_TS_SERVICES_71", tmp_path / "c"))
    assert outcome.state == DeliveryState.APPLIED
    assert outcome.delivery.counters["leaving"] == 1
