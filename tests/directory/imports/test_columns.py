"""What is kept of a person, and that a newly kept attribute is read again by itself."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from directory.enums import DeliveryState, Relationship
from directory.imports import columns
from directory.imports.layouts.aaf.layouts import LAYOUTS
from directory.models.groups import Mef, Subject
from directory.models.persons import Person, Record, Responsibility
from directory.models.schools import School
from tests.directory.imports.conftest import Importer, row_versions
from tests.directory.imports.deliveries import Delivery, small_school

pytestmark = pytest.mark.django_db


def with_details() -> Delivery:
    """A school whose objects carry everything that is kept."""
    delivery = small_school(pupils=3)
    delivery.pupil(
        "2",
        guardians=["1002$10$1$1$0$1"],
        ENTEleveStructRattachId="271078",
        ENTEleveMEF="10310019110",
        ENTEleveLibelleMEF="3EME",
        ENTEleveNivFormation="TROISIEME",
        ENTEleveCodeEnseignements=["030201", "030602"],
        ENTEleveRegime="DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT",
        ENTEleveStatutEleve="SCOLAIRE",
    )
    delivery.guardian("1002", ENTAuxPersRelEleveEleve=["2", "3"])
    delivery.member(
        "5002",
        functions=["100$ENS$ENSEIGNEMENT$L0422$ANGLAIS"],
        ENTAuxEnsDisciplinesPoste=["ANGLAIS$04", 'LETTRES "CLASSIQUES"\\$'],
        ENTAuxEnsMEF=["100$10210001110$4EME"],
    )
    return delivery


def forget(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    """As if this column were not kept yet."""
    kept = tuple(column for column in columns.PERSON_COLUMNS if column.field != field)
    monkeypatch.setattr(columns, "PERSON_COLUMNS", kept)


def test_a_newly_kept_attribute_is_read_again_from_the_same_files(
    deliver: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = with_details()
    with monkeypatch.context() as before:
        forget(before, "option_codes")
        deliver(delivery)
        assert Person.objects.get(siecle_id="271078").option_codes is None
    outcome = deliver(delivery)
    assert Person.objects.get(siecle_id="271078").option_codes == ["030201", "030602"]
    assert outcome.delivery.counters["changed"] == 1
    versions = row_versions()
    deliver(delivery)
    assert row_versions() == versions


def test_only_the_categories_that_carry_it_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layout = LAYOUTS["2D"]
    now = {one.category: one.declaration() for one in layout.categories}
    forget(monkeypatch, "option_codes")
    before = {one.category: one.declaration() for one in layout.categories}
    assert {category for category in now if now[category] != before[category]} == {"Eleve"}


def test_a_column_that_does_not_count_is_written_and_nobody_is_counted_as_changed(
    deliver: Importer,
) -> None:
    delivery = with_details()
    deliver(delivery)
    later = delivery.copy(date="20260902").guardian("1002", ENTAuxPersRelEleveEleve=["2"])
    outcome = deliver(later)
    assert Person.objects.get(family_name="PARENT1002").child_ids == ["2"]
    assert outcome.delivery.counters["changed"] == 0


def test_what_a_pupil_s_object_says_is_kept(deliver: Importer) -> None:
    deliver(with_details())
    pupil = Person.objects.get(family_name="NOM2")
    assert (pupil.mef_code, pupil.mef_label, pupil.level) == ("10310019110", "3EME", "TROISIEME")
    assert pupil.option_codes == ["030201", "030602"]
    assert pupil.boarding == "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT"
    assert (pupil.pupil_status, pupil.siecle_id) == ("SCOLAIRE", "271078")
    without = Person.objects.get(family_name="NOM3")
    assert (without.mef_code, without.option_codes) == ("", None)


def test_what_the_objects_of_staff_and_guardians_say_is_kept(
    deliver: Importer, both_readers: None
) -> None:
    deliver(with_details())
    teacher = Person.objects.get(family_name="AGENT5002")
    assert teacher.post_subjects == ["ANGLAIS$04", 'LETTRES "CLASSIQUES"\\$']
    assert teacher.taught_mefs == ["100$10210001110$4EME"]
    assert Person.objects.get(family_name="PARENT1002").child_ids == ["2", "3"]


_NAMES = {"sn": ("NOM", "NOM"), "givenName": ("ÉLISE", "ÉLISE")}
"""The same in both deliveries: who changes name, first name and birth date is somebody else."""


def delivered(column: columns.Column, turn: int) -> tuple[str | list[str], object]:
    """What the files say of a column, and what the directory then holds."""
    word = f"{column.field[:6]} {turn}"
    match column.reading:
        case columns.Reading.TITLE:
            return ("M", "M.") if turn else ("MME", "Mme")
        case columns.Reading.DATE:
            return f"03/1{turn}/2014", datetime.date(2014, 10 + turn, 3)
        case columns.Reading.EMAIL:
            return f"adresse{turn}@example.org", f"adresse{turn}@example.org"
        case columns.Reading.ADDRESS:
            return f"{turn} rue$Appartement$$", f"{turn} rue\nAppartement"
        case columns.Reading.FIRST:
            return [word, "autre"], word
        case columns.Reading.JOINED:
            return [word, "autre"], f"{word} autre"
        case columns.Reading.LIST:
            return [word, "autre"], [word, "autre"]
        case _:
            return _NAMES.get(column.attribute, (word, word))


def test_each_kept_value_is_the_delivered_one_for_who_arrives_and_for_who_is_known(
    deliver: Importer, both_readers: None
) -> None:
    delivery = small_school(pupils=3)
    for turn, date in enumerate(("20260901", "20260902")):
        said: dict[str, dict[str, Any]] = {}
        wanted: dict[str, dict[str, object]] = {}
        for category in columns.EVERYBODY:
            kept = columns.columns_of(category)
            values = {one: delivered(one, turn) for one in kept}
            said[category] = {one.attribute: value for one, (value, _) in values.items()}
            wanted[category] = {one.field: value for one, (_, value) in values.items()}
        delivery = delivery.copy(date=date)
        delivery.pupil("2", guardians=["1002$10$1$1$0$1"], **said["Eleve"])
        delivery.guardian("1002", **said["PersRelEleve"])
        functions = ["100$ENS$ENSEIGNEMENT$L0422$ANGLAIS"]
        delivery.member("5002", functions=functions, **said["PersEducNat"])
        assert deliver(delivery).state == DeliveryState.APPLIED
        for category, identifier in (
            ("Eleve", "2"),
            ("PersRelEleve", "1002"),
            ("PersEducNat", "5002"),
        ):
            person = Record.objects.get(category=category, external_id=identifier).person
            assert {name: getattr(person, name) for name in wanted[category]} == wanted[category]


def test_nomenclatures_and_attachments_are_kept(deliver: Importer) -> None:
    delivery = small_school(pupils=3)
    delivery.schools[0].attached_to = "4931"
    delivery.mefs["06110004110"] = {"ENTLibelleMef": "CAP", "ENTMEFSTAT11": "13110010004"}
    delivery.subjects["009800"] = {
        "ENTLibelleMatiere": "ACCOMPAGNEMENT",
        "ENTMatiereRattach": "009000",
    }
    deliver(delivery)
    mef = Mef.objects.get(code="06110004110")
    assert (mef.label, mef.stat_code) == ("CAP", "13110010004")
    subject = Subject.objects.get(code="009800")
    assert (subject.label, subject.parent_code) == ("ACCOMPAGNEMENT", "009000")
    assert School.objects.get().functional_refs == ["4931"]
    versions = row_versions()
    deliver(delivery)
    assert row_versions() == versions
    later = delivery.copy(date="20260902")
    later.mefs["06110004110"] = {"ENTLibelleMef": "CAP EN UN AN"}
    deliver(later)
    mef.refresh_from_db()
    assert (mef.label, mef.stat_code) == ("CAP EN UN AN", "")


@pytest.mark.parametrize(
    ("link", "relationship", "level", "is_legal"),
    [
        ("1002$10$1$1$0$1", Relationship.MOTHER, 1, True),
        ("1002$1$1$2$0$1", Relationship.OLD_FATHER, 2, True),
        ("1002$20$1$2$0$1", Relationship.FATHER, 2, False),
        ("1002$mère$1$1$0$1", Relationship.OTHER, 1, True),
        ("1002$90$1$deux$0$1", Relationship.OTHER, 0, False),
    ],
)
def test_link_and_level_stay_as_delivered_and_the_right_follows(
    deliver: Importer, link: str, relationship: int, level: int, is_legal: bool
) -> None:
    deliver(small_school(pupils=3).pupil("2", guardians=[link]))
    found = Responsibility.objects.get(pupil__family_name="NOM2")
    _, delivered_relationship, _, delivered_level, *_ = link.split("$")
    assert (found.delivered_relationship, found.delivered_level) == (
        delivered_relationship,
        delivered_level,
    )
    assert (found.relationship, found.level, found.is_legal) == (relationship, level, is_legal)


def test_each_column_fits_its_field() -> None:
    for column in columns.PERSON_COLUMNS:
        field = Person._meta.get_field(column.field)
        longest = getattr(getattr(field, "base_field", field), "max_length", None)
        assert longest is None or column.length <= longest


@pytest.mark.parametrize("degree", ["1D", "2D"])
def test_both_degrees_require_the_same_files(degree: str) -> None:
    assert LAYOUTS[degree].required == ("EtabEducNat", "Eleve", "PersRelEleve")
