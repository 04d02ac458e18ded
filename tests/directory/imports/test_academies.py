"""An import writes the academies of whom it brings, moves and takes away."""

from __future__ import annotations

import pytest

from directory.enums import DeliveryState
from directory.imports.application import empty_tables as filling
from directory.models import Person
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import SchoolOf, small_school
from tests.directory.test_academies import assert_exact
from tests.factories import make_authority

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("first", [1, 10**9], ids=["bare tables", "with indexes"])
def test_academies_are_exact_after_every_import(
    first: int, deliver: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "FILL_FROM", first)
    delivery = small_school(pupils=60)
    assert deliver(delivery).state == DeliveryState.APPLIED
    assert_exact()
    assert Person.objects.exclude(academies="").count() > 60
    later = delivery.copy(date="20260902").pupil("2", guardians=["1003$10$1$1$0$1"])
    del later.pupils["1"]
    assert deliver(later).state == DeliveryState.APPLIED
    assert_exact()


@pytest.mark.parametrize("first", [1, 10**9], ids=["bare tables", "with indexes"])
def test_a_second_academy_leaves_those_of_the_first_exact(
    first: int, deliver: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "FILL_FROM", first)
    deliver(small_school())
    there = small_school(pupils=5)
    there.schools = [SchoolOf(uai="0510001B", academy="REIMS")]
    outcome = deliver(there, authority=make_authority(code="REIMS"))
    assert outcome.state == DeliveryState.APPLIED
    assert len(set(Person.objects.exclude(academies="").values_list("academies", flat=True))) == 2
    assert_exact()
