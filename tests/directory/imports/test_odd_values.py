"""Values that nobody expects, in one object among others: it is read or reported, nothing stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from directory.enums import DeliveryState
from directory.models import Group, Membership, Person, Responsibility, School
from directory.models.deliveries import Anomaly
from tests.directory.imports.conftest import Importer, row_versions
from tests.directory.imports.deliveries import Delivery, small_school

pytestmark = pytest.mark.django_db


def applied(deliver: Importer, delivery: Delivery | Path) -> set[str]:
    """Import; return the codes of what was found."""
    outcome = deliver(delivery)
    assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
    return set(outcome.delivery.anomalies.values_list("code", flat=True))


@pytest.mark.parametrize("level", ["", "12", "9", "x"])
def test_a_level_that_is_none_is_reported_and_gives_no_right(level: str, deliver: Importer) -> None:
    delivery = small_school(pupils=4).pupil("2", guardians=[f"1002$10$1${level}$0$1"])
    assert "unknown_level" in applied(deliver, delivery)
    link = Responsibility.objects.get(pupil__family_name="NOM2")
    assert (link.level, link.is_legal) == (0, False)
    assert Person.objects.get(family_name="PARENT1002").profile == "contact"
    assert Person.objects.filter(profile="eleve").count() == 4


@pytest.mark.parametrize("relationship", ["40", "", "mère"])
def test_an_unknown_relationship_takes_no_right_away(relationship: str, deliver: Importer) -> None:
    """The right to follow a pupil is the level's alone (2-aaf, 3.4)."""
    delivery = small_school(pupils=4).pupil("2", guardians=[f"1002${relationship}$1$1$0$1"])
    codes = applied(deliver, delivery)
    assert "unknown_relationship" in codes
    assert "pupil_without_guardian" not in codes
    assert Person.objects.get(family_name="PARENT1002").profile == "tuteur"
    assert Responsibility.objects.get(pupil__family_name="NOM2").relationship == 90


def test_a_link_that_cannot_be_read_is_quoted(deliver: Importer) -> None:
    delivery = small_school(pupils=4).pupil("2", guardians=["1002$10"])
    outcome = deliver(delivery)
    found = outcome.delivery.anomalies.get(code="bad_link")
    assert "« 1002$10 »" in found.message
    assert not outcome.delivery.anomalies.filter(code="pupil_without_guardian").exists()


_BACKSLASHES = [r"\N", "\\", r"DU\nPONT", r"\\xa0\\", r"\x41", r"\t", r"a\.b", r"\\N", "\\" * 9]


@pytest.mark.parametrize("text", _BACKSLASHES)
def test_a_backslash_is_a_letter_like_any_other(text: str, deliver: Importer) -> None:
    delivery = small_school(pupils=4)
    delivery.pupil(
        "2", sn=f"NOM2 {text}", givenName=text, ENTEleveINE=text, ENTPersonAdresse=f"{text}$x"
    )
    delivery.schools[0].classes.append(f"{text}$LABEL {text}${text}")
    delivery.pupil("3", in_class=text, ENTPersonStructRattach="100", mail=f"a{text}@x.fr")
    delivery.pupil("4", ENTElevePersRelEleve=[text], ENTEleveGroupes=[text])
    codes = applied(deliver, delivery)
    assert {"bad_link", "bad_place", "bad_email"} <= codes
    pupil = Person.objects.get(family_name=f"NOM2 {text}")
    assert (pupil.given_name, pupil.ine, pupil.address) == (text, text, f"{text}\nx")
    assert Membership.objects.get(person__family_name="NOM3", role="eleve").group.code == text
    before = row_versions()
    applied(deliver, delivery)
    assert row_versions() == before


def test_a_backslash_in_what_is_refused_or_in_a_school_stops_nothing(
    deliver: Importer, tmp_path: Path
) -> None:
    delivery = small_school(pupils=4)
    delivery.schools[0].name = r"CLG$D\N LILAS$NANCY"
    files = delivery.files()
    name = next(name for name in files if "_Eleve_" in name)
    files[name] = files[name].replace(b"<id>2</id>", b"<id>\\N\n\tx</id>")
    folder = tmp_path / "odd"
    folder.mkdir()
    for one, data in files.items():
        (folder / one).write_bytes(data)
    assert "bad_id" in applied(deliver, folder)
    assert "\\" in School.objects.get().name


@pytest.mark.parametrize("place", [1, 3])
def test_a_space_at_an_end_means_the_same_wherever_the_object_stands(
    place: int, deliver: Importer
) -> None:
    delivery = small_school(pupils=4)
    delivery.pupil(
        str(place), ENTPersonStructRattach="100 ", ENTEleveClasses="100$6A\u00a0",
        mail=" a@example.org", sn=f" NOM{place}",
    )  # fmt: skip
    assert not applied(deliver, delivery) & {"unknown_school", "bad_email", "group_not_listed"}
    assert Membership.objects.filter(group__code="6A", role="eleve").count() == 4
    assert Person.objects.get(family_name=f"NOM{place}").email == "a@example.org"
    before = row_versions()
    applied(deliver, delivery)
    assert row_versions() == before


@pytest.mark.parametrize("mef", ["10310019110-EUROPEENNE", "SECTION EURO$10310019110", "x" * 41])
def test_a_code_that_is_too_long_is_left_out_of_its_class(mef: str, deliver: Importer) -> None:
    delivery = small_school(pupils=4)
    delivery.schools[0].classes = [f"6A$6EME${mef}", "3A$3EME$10310019110"]
    delivery.schools[0].groups = [f"G1$GROUPE$6A${'y' * 41}"]
    assert "bad_place" in applied(deliver, delivery)
    assert set(Group.objects.get(code="6A").mef_codes) <= {"10310019110"}
    assert Group.objects.get(code="G1").class_codes == ["6A"]


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-15"])
@pytest.mark.parametrize("is_whole", [False, True])
def test_one_mis_encoded_name_among_many_is_mended_and_told(
    deliver: Importer, encoding: str, is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over one percent of the accented objects, the file would be refused."""
    monkeypatch.setattr(Delivery, "hides_an_end", is_whole)
    delivery = small_school(pupils=110)
    delivery.encoding = encoding
    twice = "Léa".encode().decode("latin-1")
    delivery.pupil("7", guardians=["1007$10$1$1$0$1"], givenName=twice, sn="JOÃO")
    outcome = deliver(delivery)
    assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
    person = Person.objects.get(records__external_id="7", profile="eleve")
    assert (person.given_name, person.family_name) == ("Léa", "JOÃO")
    assert Anomaly.objects.get(code="accents_mended").object_id == "7"
