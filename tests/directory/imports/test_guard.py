"""T-H11: nobody disappears in numbers without somebody having read the numbers."""

from __future__ import annotations

import pytest

from directory.enums import DeliveryState
from directory.imports.guard.weighing import GuardResult, school_reason
from directory.models import Person
from tests.directory.imports.conftest import Importer, row_versions
from tests.directory.imports.deliveries import Delivery, SchoolOf, small_school

pytestmark = pytest.mark.django_db


def without(delivery: Delivery, count: int, *, date: str = "20260902") -> Delivery:
    """The same delivery a day later, less the first *count* pupils."""
    later = delivery.copy(date=date)
    for identifier in list(later.pupils)[:count]:
        del later.pupils[identifier]
    return later


def test_a_third_of_the_pupils_gone_is_held(deliver: Importer) -> None:
    delivery = small_school(pupils=30)
    deliver(delivery)
    before = row_versions()
    held = deliver(without(delivery, 10))
    assert held.state == DeliveryState.HELD
    assert held.delivery.guard["leaving"] == 10
    assert held.delivery.guard["reasons"]
    assert row_versions() == before


def test_a_few_departures_pass(deliver: Importer) -> None:
    delivery = small_school(pupils=60)
    deliver(delivery)
    assert deliver(without(delivery, 3)).state == DeliveryState.APPLIED
    assert Person.objects.filter(left_at__isnull=False).count() == 3


def test_everybody_present_counts_once_and_who_has_left_not_at_all(deliver: Importer) -> None:
    """Also who bears two records of the feed: staff who were a pupil's parents, joined."""
    delivery = small_school(pupils=30)
    deliver(delivery)
    there = Person.objects.filter(records__category__in=["Eleve", "PersRelEleve", "PersEducNat"])
    people = there.distinct().count()
    twice = there.filter(profile="tuteur").order_by("pk")[0]
    other = there.filter(profile="tuteur").order_by("pk")[1]
    other.records.update(person=twice)
    left = there.filter(profile="tuteur").order_by("pk")[2]
    Person.objects.filter(pk=left.pk).update(left_at="2026-01-01T00:00:00Z")
    guard = deliver(without(delivery, 10), preview=True).delivery.guard
    assert guard["leaving"] == 10
    assert guard["present"] == people - 2


def test_the_exact_number_confirms(deliver: Importer) -> None:
    delivery = small_school(pupils=30)
    deliver(delivery)
    later = without(delivery, 10)
    assert deliver(later, confirmed_count=9).state == DeliveryState.HELD
    assert deliver(later, confirmed_count=10).state == DeliveryState.APPLIED
    assert Person.objects.filter(left_at__isnull=False).count() == 10


def test_a_confirmation_is_valid_for_these_files_and_numbers_only(deliver: Importer) -> None:
    delivery = small_school(pupils=30)
    deliver(delivery)
    token = deliver(without(delivery, 10)).delivery.guard["token"]
    assert deliver(without(delivery, 11), confirmed_token=token).state == DeliveryState.HELD
    changed = without(delivery, 10)
    changed.guardian("1030", mail="autre@example.org")
    assert deliver(changed, confirmed_token=token).state == DeliveryState.HELD
    assert deliver(without(delivery, 10), confirmed_token=token).state == DeliveryState.APPLIED


def test_a_confirmation_names_each_number_that_was_shown() -> None:
    school = {"uai": "0540001A", "leaving": 10}
    shown = GuardResult(10, 10, 100, schools=[school])
    others = [
        GuardResult(11, 10, 100, schools=[school]),
        GuardResult(10, 9, 100, schools=[school]),
        GuardResult(10, 10, 100, schools=[{**school, "leaving": 9}]),
    ]
    tokens = {shown.token("a"), shown.token("b"), *(one.token("a") for one in others)}
    assert len(tokens) == 5


def test_a_school_without_any_pupil_left_is_held(deliver: Importer) -> None:
    """Far under the other thresholds: a big authority, a very small school."""
    delivery = small_school(pupils=200)
    delivery.schools.append(SchoolOf(ref="200", uai="0540002B"))
    for number in range(901, 904):
        delivery.pupil(str(number), school="200", guardians=["1001$10$1$1$0$1"])
    deliver(delivery)
    later = delivery.copy(date="20260902")
    for number in range(901, 904):
        del later.pupils[str(number)]
    held = deliver(later)
    assert held.state == DeliveryState.HELD
    assert "plus aucun de ses 3 élèves" in " ".join(held.delivery.guard["reasons"])


def test_pupils_of_the_final_year_may_leave_in_summer(deliver: Importer) -> None:
    delivery = small_school(pupils=30)
    for identifier in list(delivery.pupils)[:12]:
        delivery.pupil(identifier, in_class="3A", guardians=[f"10{int(identifier):02d}$10$1$1$0$1"])
    deliver(delivery)
    assert deliver(without(delivery, 12, date="20260905")).state == DeliveryState.APPLIED


def test_they_may_not_in_winter(deliver: Importer) -> None:
    delivery = small_school(pupils=30).copy(date="20250901")  # a file of the future is refused
    for identifier in list(delivery.pupils)[:12]:
        delivery.pupil(identifier, in_class="3A", guardians=[f"10{int(identifier):02d}$10$1$1$0$1"])
    deliver(delivery)
    assert deliver(without(delivery, 12, date="20251205")).state == DeliveryState.HELD


def test_a_preview_writes_nothing(deliver: Importer) -> None:
    before = row_versions()
    outcome = deliver(small_school(), preview=True)
    assert outcome.state == DeliveryState.PREVIEWED
    assert outcome.delivery.counters["created"] == 26
    assert outcome.delivery.counters["schools"][0]["uai"] == "0540001A"
    assert row_versions() == before


@pytest.mark.parametrize(("count", "state"), [(6, "APPLIED"), (7, "HELD")])
def test_five_percent_of_an_authority_is_the_most(
    deliver: Importer, count: int, state: str
) -> None:
    """122 people: six are 4.9 %, seven are 5.7 %."""
    delivery = small_school(pupils=60)
    deliver(delivery)
    assert deliver(without(delivery, count)).state == DeliveryState[state]


@pytest.mark.parametrize(
    ("gone", "people", "is_held"),
    [(10, 11, False), (11, 55, False), (11, 54, True), (50, 1000, False), (51, 100_000, True)],
)
def test_a_school_loses_ten_people_or_a_fifth_and_never_more_than_fifty(
    gone: int, people: int, is_held: bool
) -> None:
    assert bool(school_reason(gone, people, pupils_left=0, pupils=0)) is is_held


def test_a_school_that_disappeared_from_the_set_was_covered_by_the_last_one(
    deliver: Importer,
) -> None:
    """No classes, no pupils any more: it is looked at because it had some, and it is held."""
    delivery = small_school(pupils=200)
    delivery.schools.append(SchoolOf(ref="200", uai="0540002B"))
    for number in range(901, 904):
        delivery.pupil(str(number), school="200", guardians=["1001$10$1$1$0$1"])
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.schools[1].classes, later.schools[1].groups = [], []
    for number in range(901, 904):
        del later.pupils[str(number)]
    held = deliver(later)
    assert held.state == DeliveryState.HELD
    assert held.delivery.guard["leaving"] == 3
    assert "plus aucun de ses 3 élèves" in " ".join(held.delivery.guard["reasons"])


def test_parents_who_would_all_lose_their_children_are_held(deliver: Importer) -> None:
    """A filter that drops the links of pupils: everybody is there, and nobody may sign in."""
    delivery = small_school(pupils=30)
    deliver(delivery)
    later = delivery.copy(date="20260902")
    for pupil in later.pupils.values():
        pupil["ENTElevePersRelEleve"] = ""
    before = row_versions()
    held = deliver(later)
    assert held.state == DeliveryState.HELD
    assert held.delivery.guard["leaving"] == 30
    said = str(held.delivery.guard["reasons"])
    assert "Parmi elles, resteraient dans l’annuaire : 30" in said
    assert "date de naissance" not in said
    assert row_versions() == before
    assert deliver(later, confirmed_count=30).state == DeliveryState.APPLIED
    assert not Person.objects.filter(profile="tuteur").exists()


def test_pupils_and_staff_who_would_have_no_school_are_held(deliver: Importer) -> None:
    delivery = small_school(pupils=30)
    for number in range(6000, 6012):
        delivery.member(str(number), functions=["100$ENS$ENSEIGNEMENT$L0422$ANGLAIS"])
    deliver(delivery)
    for people, names, count in (
        (delivery.pupils, ("ENTPersonStructRattach", "ENTEleveClasses"), 28),
        (delivery.staff, ("ENTPersonFonctions", "ENTAuxEnsClassesMatieres"), 12),
    ):
        later = delivery.copy(date="20260902")
        changed = later.pupils if people is delivery.pupils else later.staff
        for identifier in list(people)[-count:]:
            changed[identifier] = {**people[identifier], **dict.fromkeys(names, "")}
        held = deliver(later)
        assert held.state == DeliveryState.HELD, names
        assert held.delivery.guard["leaving"] == count


def test_whom_other_objects_change_is_not_called_unchanged(deliver: Importer) -> None:
    delivery = small_school(pupils=40)
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.pupil("3", guardians=["1003$10$1$0$0$1"])
    counters = deliver(later).delivery.counters
    assert counters["by_category"]["PersRelEleve"] == {"changed": 1, "unchanged": 39}
    assert counters["by_category"]["Eleve"] == {"changed": 1, "unchanged": 39}
    assert counters["schools"][0]["changed"] == 2


def test_pupils_who_would_all_be_somebody_else_are_held(deliver: Importer) -> None:
    """The same identifiers for other people: their accounts would pass to strangers."""
    delivery = small_school(pupils=30)
    deliver(delivery)
    later = delivery.copy(date="20260902")
    for number in range(1, 13):
        later.pupil(
            str(number), guardians=[f"{1000 + number}$10$1$1$0$1"], sn=f"AUTRE{number}",
            givenName="Jules", ENTPersonDateNaissance="03/09/2015",
        )  # fmt: skip
    held = deliver(later)
    assert held.state == DeliveryState.HELD
    assert "Leur compte passerait à quelqu’un d’autre" in str(held.delivery.guard["reasons"])
    for number in range(1, 13):  # a marriage, a mended date: the same person
        later.pupils[str(number)]["givenName"] = "Élise"
    assert deliver(later).state == DeliveryState.APPLIED
