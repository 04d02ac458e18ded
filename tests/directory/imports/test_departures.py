"""Who leaves and who does not: two schools, empty files, emptied schools, several records."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.models import Account
from directory.enums import DeliveryState, Profile
from directory.models import (
    Group,
    Membership,
    Person,
    Record,
    Responsibility,
    School,
    Teaching,
)
from tests.directory.imports.conftest import Importer, row_versions
from tests.directory.imports.deliveries import Delivery, SchoolOf, small_school
from tests.factories import make_authority

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("both_readers")]


def person(category: str, identifier: str) -> Person:
    found = Record.objects.get(category=category, external_id=identifier).person
    assert found is not None
    return found


def schools_of(found: Person) -> list[str]:
    return sorted({a.school.uai for a in found.affiliations.select_related("school")})


def of_school(delivery: Delivery, uai: str, folder: Path) -> Path:
    """The delivery as a school's own."""
    written = delivery.write(folder)
    for file in list(written.iterdir()):
        file.rename(written / file.name.replace("ENT2DVA", f"ENT2DVA_{uai}"))
    return written


def one_of_two(delivery: Delivery, ref: str, *, date: str) -> Delivery:
    """What one of the two schools delivers: its structure, its pupils, every parent."""
    own = delivery.copy(date=date)
    own.schools = [school for school in own.schools if school.ref == ref]
    own.pupils = {k: p for k, p in own.pupils.items() if ref in str(p["ENTEleveClasses"])}
    own.staff = {}
    return own


def two_schools(pupils: int = 40) -> Delivery:
    delivery = small_school(pupils)
    delivery.schools.append(SchoolOf(ref="200", uai="0540002B", name="CLG$DES ROSES$NANCY"))
    for number in range(101, 101 + pupils):
        delivery.pupil(str(number), school="200", guardians=["1001$10$1$1$0$1"])
    return delivery


def test_a_pupil_of_two_schools_leaves_when_both_have_said_so(
    deliver: Importer, tmp_path: Path
) -> None:
    """The first school's delivery ends its own links, the second one's ends the access."""
    delivery = two_schools()
    delivery.pupil("1", ENTEleveClasses=["100$6A", "200$6A"], guardians=["1001$10$1$1$0$1"])
    deliver(delivery)
    assert schools_of(person("Eleve", "1")) == ["0540001A", "0540002B"]
    delivery.pupils.pop("1")
    first = one_of_two(delivery, "100", date="20260902")
    assert deliver(of_school(first, "0540001A", tmp_path / "a")).state == DeliveryState.APPLIED
    stays = person("Eleve", "1")
    assert stays.left_at is None
    assert schools_of(stays) == ["0540002B"]
    assert schools_of(person("PersRelEleve", "1001")) == ["0540002B"]
    before = row_versions()
    again = one_of_two(delivery, "100", date="20260902")
    deliver(of_school(again, "0540001A", tmp_path / "again"))
    assert row_versions() == before
    second = one_of_two(delivery, "200", date="20260903")
    assert deliver(of_school(second, "0540002B", tmp_path / "b")).state == DeliveryState.APPLIED
    gone = person("Eleve", "1")
    assert gone.left_at is not None
    assert not Account.objects.get(person=gone).is_active


def test_an_empty_file_of_an_optional_category_says_nothing_about_who_left(
    deliver: Importer, tmp_path: Path
) -> None:
    delivery = small_school(60)
    deliver(delivery)
    folder = delivery.copy(date="20260902").write(tmp_path / "empty")
    staff = next(folder.glob("*_PersEducNat_*"))
    text = staff.read_text(encoding="iso8859-15")
    head = text[: text.index("<addRequest>")]
    staff.write_text(f"{head}</ficAlimMENESR>", encoding="iso8859-15")
    outcome = deliver(folder)
    assert outcome.state == DeliveryState.APPLIED
    assert outcome.delivery.counters["leaving"] == 0
    assert person("PersEducNat", "5002").left_at is None


def test_a_school_emptied_by_moves_alone_is_held(deliver: Importer) -> None:
    """Nobody leaves, yet a school would have no pupil: a wrong column looks like that."""
    delivery = two_schools(pupils=5)
    deliver(delivery)
    later = delivery.copy(date="20260902")
    for number in range(101, 106):
        later.pupil(str(number), school="100", guardians=["1001$10$1$1$0$1"])
    held = deliver(later)
    assert held.state == DeliveryState.HELD
    assert held.delivery.guard["leaving"] == 0
    assert "plus aucun de ses 5 élèves" in " ".join(held.delivery.guard["reasons"])
    assert deliver(later, confirmed_count=0).state == DeliveryState.APPLIED
    assert schools_of(person("Eleve", "101")) == ["0540001A"]


def test_a_school_that_lost_classes_and_pupils_closes_unless_opened_by_hand(
    deliver: Importer,
) -> None:
    delivery = two_schools(pupils=3)
    delivery.schools.append(SchoolOf(ref="300", uai="0540003C"))
    delivery.pupil("301", school="300", guardians=["1001$10$1$1$0$1"])
    deliver(delivery)
    School.objects.filter(uai="0540003C").update(is_active_by_hand=True)
    later = delivery.copy(date="20260902")
    for school in later.schools[1:]:
        school.classes, school.groups = [], []
    for number in ("101", "102", "103", "301"):
        later.pupil(number, school="100", guardians=["1001$10$1$1$0$1"])
    outcome = deliver(later, confirmed_count=0)
    assert outcome.state == DeliveryState.APPLIED
    assert {s.uai: s.is_active for s in School.objects.all()} == {
        "0540001A": True,
        "0540002B": False,
        "0540003C": True,
    }


@pytest.fixture
def teacher_and_parent(deliver: Importer) -> Delivery:
    """The mother of pupil 1 teaches in the school: two records, joined to one person."""
    delivery = small_school(40)
    deliver(delivery)
    teacher, mother = person("PersEducNat", "5002"), person("PersRelEleve", "1001")
    Record.objects.filter(person=mother).update(person=teacher)
    Responsibility.objects.filter(guardian=mother).update(guardian=teacher)
    mother.delete()
    deliver(delivery.copy(date="20260902"))
    return delivery


def test_a_change_of_one_record_leaves_the_links_of_the_other(
    deliver: Importer, teacher_and_parent: Delivery
) -> None:
    """The parent's address changes: the lessons stay, and the teacher stays a teacher."""
    account = Account.objects.get(person=person("PersEducNat", "5002"))
    later = teacher_and_parent.copy(date="20260903").guardian("1001", mail="autre@example.org")
    deliver(later)
    both = person("PersRelEleve", "1001")
    assert both == person("PersEducNat", "5002")
    assert both.profile == Profile.TEACHER
    assert both.email == "agent5002@ac-test.fr"
    assert Membership.objects.filter(person=both).count() == 2
    assert Teaching.objects.filter(person=both).count() == 1
    assert {a.profile for a in both.affiliations.all()} == {Profile.TEACHER, Profile.GUARDIAN}
    assert Responsibility.objects.filter(guardian=both).count() == 1
    assert Account.objects.get(person=both).pk == account.pk
    before = row_versions()
    deliver(later)
    assert row_versions() == before


def test_an_absent_category_leaves_the_links_of_its_records(
    deliver: Importer, teacher_and_parent: Delivery
) -> None:
    later = teacher_and_parent.copy(date="20260903").guardian("1001", mail="autre@example.org")
    later.staff.clear()
    deliver(later)
    both = person("PersEducNat", "5002")
    assert both.profile == Profile.TEACHER
    assert Membership.objects.filter(person=both).count() == 2
    assert {a.profile for a in both.affiliations.all()} == {Profile.TEACHER, Profile.GUARDIAN}


def test_a_record_that_ends_takes_its_own_links_only(
    deliver: Importer, teacher_and_parent: Delivery
) -> None:
    """She teaches no more and is a parent still; then she comes back."""
    later = teacher_and_parent.copy(date="20260903")
    teaching = later.staff.pop("5002")
    assert deliver(later).state == DeliveryState.APPLIED
    both = person("PersRelEleve", "1001")
    assert both.left_at is None
    assert both.profile == Profile.GUARDIAN
    assert not Membership.objects.filter(person=both).exists()
    assert not Teaching.objects.filter(person=both).exists()
    assert {a.profile for a in both.affiliations.all()} == {Profile.GUARDIAN}
    before = row_versions()
    deliver(later)
    assert row_versions() == before
    back = later.copy(date="20260904")
    back.staff["5002"] = teaching
    deliver(back)
    both = person("PersRelEleve", "1001")
    assert both.profile == Profile.TEACHER
    assert Membership.objects.filter(person=both).count() == 2


def test_a_pupil_who_names_both_records_of_one_parent_has_one_link(
    deliver: Importer, teacher_and_parent: Delivery
) -> None:
    """Twice the same two persons: one row, and the legal one."""
    second = Record.objects.get(category="PersRelEleve", external_id="1002")
    merged = second.person
    assert merged is not None
    both = person("PersRelEleve", "1001")
    Responsibility.objects.filter(guardian=merged).update(guardian=both)
    second.person = both
    second.save()
    merged.delete()
    later = teacher_and_parent.copy(date="20260903")
    later.pupil("9", guardians=["1002$10$0$0$1$0", "1001$10$1$1$0$1"])
    assert deliver(later).state == DeliveryState.APPLIED
    link = Responsibility.objects.get(guardian=both, pupil=person("Eleve", "9"))
    assert link.is_legal


def test_a_renamed_class_closes_though_somebody_of_it_leaves(deliver: Importer) -> None:
    delivery = small_school(pupils=30)
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.schools[0].classes = ["6ALPHA$6EME$10010012110", "3A$3EME$10310019110"]
    for number in range(2, 31):
        later.pupil(str(number), in_class="6ALPHA", guardians=[f"{1000 + number}$10$1$1$0$1"])
    del later.pupils["1"]
    del later.staff["5002"]  # the teacher of 6A
    assert deliver(later, confirmed_count=2).state == DeliveryState.APPLIED
    present = Group.objects.filter(kind="classe", is_present=True)
    assert set(present.values_list("code", flat=True)) == {"6ALPHA", "3A"}


@pytest.mark.parametrize("how", ["arrives", "comes back"])
def test_a_closed_class_opens_again_with_whoever_is_in_it(how: str, deliver: Importer) -> None:
    delivery = small_school(pupils=30)
    if how == "comes back":
        delivery.pupil("2", in_class="3A", guardians=["1002$10$1$1$0$1"])
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.schools[0].classes = ["6A$6EME$10010012110"]
    if how == "comes back":
        del later.pupils["2"]
    deliver(later)
    third = Group.objects.filter(kind="classe", code="3A")
    assert not third.get().is_present
    last = later.copy(date="20260903")
    last.pupils["2"] = {**delivery.pupils["2"], "ENTEleveClasses": "100$3A"}
    outcome = deliver(last)
    assert third.get().is_present
    if how == "arrives":
        assert outcome.delivery.anomalies.filter(code="group_not_listed").exists()


def test_a_delivery_says_nothing_of_the_people_of_another_authority(deliver: Importer) -> None:
    deliver(small_school())
    # Somebody without a school is held by no wall of schools: by the authority alone.
    schoolless = Person.objects.filter(profile=Profile.GUARDIAN).first()
    assert schoolless is not None
    schoolless.affiliations.all().delete()
    reims = make_authority(code="REIMS")
    there = small_school(pupils=5)
    there.schools = [SchoolOf(uai="0510001B", academy="REIMS")]
    deliver(there, authority=reims)
    outcome = deliver(
        there.copy(date="20260902").guardian("1001", mail="autre@example.org"), authority=reims
    )
    assert outcome.state == DeliveryState.APPLIED
    assert outcome.delivery.counters["changed"] == 1
    assert not Person.objects.filter(left_at__isnull=False).exists()
