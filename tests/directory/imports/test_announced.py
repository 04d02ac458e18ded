"""The authority, the mode: what a delivery must say of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from directory.enums import DeliveryState
from directory.imports.layouts.errors import DeliveryRefused
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import Delivery, SchoolOf, opened_delivery, small_school

pytestmark = pytest.mark.django_db


def office(ref: str, academy: str, name: str = "RECTORAT$$PARIS") -> SchoolOf:
    """A structure that deliveries list without being about it."""
    return SchoolOf(ref=ref, uai=f"0750{ref}X", name=name, classes=[], groups=[], academy=academy)


def with_offices(delivery: Delivery, academy: str, count: int = 3) -> Delivery:
    delivery.schools += [office(str(900 + n), academy) for n in range(count)]
    return delivery


def test_offices_of_another_academy_may_be_listed(deliver: Importer) -> None:
    assert deliver(with_offices(small_school(), "PARIS")).state == DeliveryState.APPLIED


def test_an_office_of_another_academy_may_be_all_that_changed(deliver: Importer) -> None:
    """Later only changed objects are read: the school that did not change still speaks."""
    delivery = with_offices(small_school(), "PARIS", 1)
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.schools[1].name = "RECTORAT$DE PARIS$PARIS"
    assert deliver(later).state == DeliveryState.APPLIED


@pytest.mark.parametrize("known", [False, True], ids=["first", "later"])
def test_one_listed_office_does_not_make_a_delivery_ours(deliver: Importer, known: bool) -> None:
    """The schools of BREST, with our rectorat in the list."""
    if known:
        deliver(small_school())
    foreign = small_school()
    foreign.schools = [SchoolOf(uai="0290001Z", academy="BREST"), office("901", "NANCY-METZ")]
    refused = deliver(foreign)
    assert refused.delivery.counters["refusal_code"] == "wrong_authority"
    assert "BREST" in refused.delivery.refusal


def test_structures_without_any_class_speak_when_nobody_else_does(deliver: Importer) -> None:
    foreign = small_school()
    foreign.schools = [SchoolOf(uai="0290001Z", academy="BREST", classes=[], groups=[])]
    assert deliver(foreign).delivery.counters["refusal_code"] == "wrong_authority"
    foreign.schools.append(office("901", "NANCY-METZ"))
    assert deliver(foreign).state == DeliveryState.APPLIED


def nameless(folder: Path) -> Path:
    """Names that do not say whether the set is complete."""
    small_school().write(folder)
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("ENT2DVA_Complet_20260901", "ENT"))
    return folder


def test_a_delivery_that_does_not_say_its_mode_is_refused(tmp_path: Path) -> None:
    """A delta read as a complete set would send everybody away: somebody has to say it."""
    folder = nameless(tmp_path / "depot")
    with pytest.raises(DeliveryRefused) as refused:
        opened_delivery([folder])
    assert refused.value.code == "mode_unknown"
    assert opened_delivery([folder], mode="Complet").mode == "Complet"


def test_the_folder_may_say_it(tmp_path: Path) -> None:
    assert opened_delivery([nameless(tmp_path / "complet")]).mode == "Complet"
    assert opened_delivery([nameless(tmp_path / "delta")]).mode == "Delta"
