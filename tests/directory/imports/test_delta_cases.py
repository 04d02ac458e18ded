"""The hand-made cases of the shared data: each delta gives what the table of the AAF page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account
from directory.enums import DeliveryState, Profile
from directory.imports.runs.sequence import run_import
from directory.imports.runs.state import ImportOutcome
from directory.models import Authority, Group, Person, Record, Responsibility, School
from tests.directory.imports.deliveries import Delivery, SchoolOf
from tests.factories import make_authority

pytestmark = pytest.mark.django_db

STRUCTURES = ("2091", "2148", "2310", "2424", "2565", "2810")
PROJECT = "ENT_TS_SERVICES_21"


@pytest.fixture
def davos() -> Authority:
    """The academy that the cases name."""
    return make_authority(code="DAVOS")


@pytest.fixture
def case(davos: Authority, shared_data: Path, tmp_path: Path) -> Any:
    """Import the base with the objects of the case's complete files, then its delta."""

    def run(name: str) -> ImportOutcome:
        files = sorted((shared_data / "aaf" / "delta-cases" / name).rglob("*.xml"))
        complete = [file for file in files if "_Complet_" in file.name]
        deltas = [file for file in files if "_Delta_" in file.name and "complet" not in file.parts]
        apply([base(complete, tmp_path / "base")], davos)
        return apply(deltas, davos)

    return run


def base(complete: list[Path], folder: Path) -> Path:
    """A complete set of our own, and the case's objects as its next chunks."""
    made = Delivery(date="20140129")
    made.schools = [
        SchoolOf(ref=ref, uai=f"021{ref}{letter}", name=f"LYC$N{ref}$DAVOS", academy="DAVOS",
                 classes=["CL1$PREMIERE$20111001110"], groups=[])
        for ref, letter in zip(STRUCTURES, "ABCDEF", strict=True)
    ]  # fmt: skip
    for number, ref in enumerate(STRUCTURES * 3):
        made.guardian(str(90_000 + number))
        made.pupil(
            str(80_000 + number), school=ref, in_class="CL1",
            guardians=[f"{90_000 + number}$10$1$1$0$1"],
        )  # fmt: skip
    made.member("70000", functions=["2091$DIR$DIRECTION$D0010$PROVISEUR"])
    written = made.write(folder)
    for file in list(written.iterdir()):
        file.rename(written / file.name.replace("ENT2DVA", PROJECT))
    for file in complete:
        renamed = re.sub(r"_\d{4}\.xml", "_0001.xml", file.name)
        (written / renamed).write_bytes(file.read_bytes())
    return written


def apply(paths: list[Path], authority: Authority) -> ImportOutcome:
    """Import; what the guard holds is confirmed."""
    outcome = run_import(paths=paths, authority=authority)
    if outcome.state == DeliveryState.HELD:
        outcome = run_import(
            paths=paths,
            authority=authority,
            confirmed_token=str(outcome.delivery.guard["token"]),
        )
    assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
    return outcome


def person(category: str, identifier: str) -> Person:
    found = Record.objects.get(category=category, external_id=identifier).person
    assert found is not None
    return found


def classes_of(found: Person) -> list[str]:
    return [
        f"{group.school.records.get().external_id}/{group.code}"
        for group in Group.objects.filter(memberships__person=found).select_related("school")
    ]


def codes(outcome: ImportOutcome, identifier: str) -> set[str]:
    return set(
        outcome.delivery.anomalies.filter(object_id=identifier).values_list("code", flat=True)
    )


def test_a_pupil_is_added_before_their_guardians(
    case: Any, davos: Authority, tmp_path: Path
) -> None:
    outcome = case("eleves/addRequest")
    assert classes_of(person("Eleve", "1447044")) == ["2091/1STMGC"]
    assert "unknown_guardian" in codes(outcome, "1447044")
    assert not Responsibility.objects.filter(pupil=person("Eleve", "1447044")).exists()
    # Their guardians come a day later, in a delta that does not name the pupil again.
    later = Delivery(date="20140226").guardian("1447146").guardian("1447147")
    later.schools = []
    folder = later.write(tmp_path / "guardians")
    for file in list(folder.iterdir()):
        if "PersRelEleve" in file.name:
            renamed = file.name.replace("ENT2DVA_Complet", f"{PROJECT}_Delta")
            file.rename(folder / renamed)
        else:
            file.unlink()
    apply([folder], davos)
    for identifier in ("1447146", "1447147"):
        guardian = person("PersRelEleve", identifier)
        assert guardian.profile == Profile.GUARDIAN
        assert Account.objects.filter(person=guardian).exists()


def test_a_pupil_moves_with_other_guardians(case: Any) -> None:
    case("eleves/modifyRequest_CasNormal")
    pupil = person("Eleve", "22949")
    assert classes_of(pupil) == ["2565/DCG3"]
    assert pupil.birth_date is not None
    assert pupil.birth_date.isoformat() == "1990-01-22"
    assert not Responsibility.objects.filter(pupil=pupil).exists()  # 422261 was never delivered


@pytest.mark.parametrize(
    ("name", "category", "identifier"),
    [
        ("eleves/modifyRequest_CasAnormal", "Eleve", "22949"),
        ("personnels/delta/modifyRequestCasAnormal", "PersEducNat", "370009"),
        ("responsables/delta/modifyRequestCasAnormal", "PersRelEleve", "1444147"),
    ],
)
def test_somebody_unknown_who_is_modified_is_created(
    case: Any, name: str, category: str, identifier: str
) -> None:
    outcome = case(name)
    assert person(category, identifier).left_at is None
    assert "unknown_modified" in codes(outcome, identifier)
    if category == "PersRelEleve":
        assert person(category, identifier).profile == Profile.CONTACT


@pytest.mark.parametrize(
    ("name", "category", "identifier"),
    [
        ("eleves/deleteRequest", "Eleve", "1321230"),
        ("personnels/delta/deleteRequest", "PersEducNat", "370009"),
        ("personnels/delta/deleteRequestBis", "PersEducNat", "370009"),
    ],
)
def test_somebody_deleted_leaves(case: Any, name: str, category: str, identifier: str) -> None:
    case(name)
    assert person(category, identifier).left_at is not None
    assert Person.objects.filter(left_at__isnull=False).count() == 1


def test_a_member_of_staff_is_added(case: Any) -> None:
    case("personnels/delta/addRequest")
    added = person("PersEducNat", "1447165").affiliations.get()
    assert (added.school.records.get().external_id, added.function_code) == ("2148", "ADM")


def test_a_member_of_staff_moves(case: Any) -> None:
    case("personnels/delta/modifyRequest")
    schools = {a.school.records.get().external_id
               for a in person("PersEducNat", "370009").affiliations.all()}  # fmt: skip
    assert schools == {"2091"}


def test_a_guardian_is_added_after_the_pupil(case: Any) -> None:
    case("responsables/delta/addRequest")
    guardian = person("PersRelEleve", "1444147")
    assert guardian.profile == Profile.GUARDIAN
    assert Account.objects.filter(person=guardian).exists()
    assert Responsibility.objects.get(guardian=guardian).pupil == person("Eleve", "22949")


def test_a_structure_is_renamed_and_nobody_leaves(case: Any) -> None:
    case("etab")
    school = Record.objects.get(category="EtabEducNat", external_id="0").school
    assert school is not None
    assert School.objects.get(pk=school.pk).uai == "0210100V"
    assert not Person.objects.filter(left_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["eleves/deleteRequest", "personnels/delta/deleteRequest"])
def test_alone_a_case_is_refused(davos: Authority, shared_data: Path, name: str) -> None:
    folder = shared_data / "aaf" / "delta-cases" / name
    complete = run_import(paths=[folder / "complet"], authority=davos)
    assert complete.delivery.counters["refusal_code"] == "missing_category"
    delta = run_import(paths=[folder / "delta"], authority=davos)
    assert delta.delivery.counters["refusal_code"] == "delta_first"
