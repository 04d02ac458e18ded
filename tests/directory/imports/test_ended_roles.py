"""Roles given by hand end with the place they were given for (decision 0026)."""

from __future__ import annotations

import pytest

from directory.enums import GroupKind, Role, Source
from directory.imports.reports.terminal import describe
from directory.models import Group, Person, Record, RoleGrant, School
from ent.audit.models import AuditEvent
from tests.directory.imports.conftest import Importer, row_versions
from tests.directory.imports.deliveries import Delivery, SchoolOf, small_school
from tests.factories import make_person

pytestmark = pytest.mark.django_db

TEACHES = "$ENS$ENSEIGNEMENT$L0422$ANGLAIS"


def person(identifier: str) -> Person:
    found = Record.objects.get(category="PersEducNat", external_id=identifier).person
    assert found is not None
    return found


def school(uai: str) -> School:
    return School.objects.get(uai=uai)


def two_schools() -> Delivery:
    delivery = small_school(40)
    delivery.schools.append(SchoolOf(ref="200", uai="0540002B", name="CLG$DES ROSES$NANCY"))
    for number in range(101, 141):
        delivery.pupil(str(number), school="200", in_class="6A")
    return delivery.member("5003", functions=[f"100{TEACHES}", f"200{TEACHES}"])


def in_force(holder: Person) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for grant in RoleGrant.objects.in_force().filter(person=holder):
        place = grant.group.school if grant.group is not None else grant.school
        found.add((grant.role, place.uai if place is not None else ""))
    return found


def test_who_moves_to_another_school_leaves_their_roles_behind(deliver: Importer) -> None:
    delivery = two_schools()
    deliver(delivery)
    mover, stayer = person("5002"), person("5003")
    first, second = school("0540001A"), school("0540002B")
    of_first = Group.objects.get(school=first, kind=GroupKind.CLASS, code="6A")
    for holder in (mover, stayer):
        RoleGrant.objects.create(person=holder, role=Role.EDITOR, school=first)
        RoleGrant.objects.create(person=holder, role=Role.FORM_TEACHER, group=of_first)
        RoleGrant.objects.create(person=holder, role=Role.EDITOR, school=second)
    RoleGrant.objects.create(person=mover, role=Role.HELPDESK, authority=first.authority)
    later = delivery.copy(date="20260902").member("5002", functions=[f"200{TEACHES}"])
    preview = deliver(later, preview=True)
    assert preview.delivery.counters["roles_ended"] == 2
    assert "Accès donnés à la main qui prennent fin : 2" in "\n".join(
        describe(preview.delivery, preview=True)
    )
    assert len(in_force(mover)) == 4
    outcome = deliver(later)
    assert outcome.delivery.counters["roles_ended"] == 2
    assert in_force(mover) == {(Role.EDITOR, "0540002B"), (Role.HELPDESK, "")}
    assert len(in_force(stayer)) == 3
    ended = RoleGrant.objects.filter(person=mover, withdrawn_at__isnull=False)
    assert [grant.withdrawn_by for grant in ended] == [None, None]
    events = AuditEvent.objects.filter(act="role:withdrawn")
    assert {(e.school_uai, e.details["role"], e.details["reason"]) for e in events} == {
        ("0540001A", Role.EDITOR, "moved"),
        ("0540001A", Role.FORM_TEACHER, "moved"),
    }
    assert {e.details["delivery"] for e in events} == {str(outcome.delivery.uuid)}
    before = row_versions()
    deliver(later.copy(date="20260903"))
    assert row_versions() == before


def test_who_leaves_comes_back_without_their_roles(deliver: Importer) -> None:
    delivery = two_schools()
    deliver(delivery)
    leaver = person("5002")
    RoleGrant.objects.create(
        person=leaver, role=Role.CREDENTIALS_MANAGER, school=school("0540001A")
    )
    # A role in a school to which they never belonged ends too: they are not there any more.
    RoleGrant.objects.create(person=leaver, role=Role.EDITOR, school=school("0540002B"))
    without = delivery.copy(date="20260902")
    del without.staff["5002"]
    deliver(without)
    assert in_force(leaver) == set()
    assert {e.details["reason"] for e in AuditEvent.objects.filter(act="role:withdrawn")} == {
        "left"
    }
    deliver(delivery.copy(date="20260903"))
    leaver.refresh_from_db()
    assert leaver.left_at is None
    assert in_force(leaver) == set()


def test_a_pupil_s_departure_from_one_of_two_schools_ends_what_the_parent_does_there(
    deliver: Importer,
) -> None:
    delivery = two_schools()
    deliver(delivery)
    parent = Record.objects.get(category="PersRelEleve", external_id="1001").person
    assert parent is not None
    RoleGrant.objects.create(person=parent, role=Role.EDITOR, school=school("0540001A"))
    later = delivery.copy(date="20260902")
    deliver(later.pupil("1", school="200", guardians=["1001$10$1$1$0$1"]))
    assert in_force(parent) == set()


def test_a_class_that_disappears_ends_the_roles_over_it(deliver: Importer) -> None:
    delivery = two_schools()
    deliver(delivery)
    first = school("0540001A")
    empty = Group.objects.get(school=first, kind=GroupKind.CLASS, code="3A")
    kept = Group.objects.get(school=first, kind=GroupKind.CLASS, code="6A")
    holder = person("5002")
    for group in (empty, kept):
        RoleGrant.objects.create(person=holder, role=Role.FORM_TEACHER, group=group)
    later = delivery.copy(date="20260902")
    later.schools[0].classes = ["6A$6EME$10010012110"]
    assert deliver(later).delivery.counters["roles_ended"] == 1
    assert [g.group for g in RoleGrant.objects.in_force().filter(person=holder)] == [kept]
    event = AuditEvent.objects.get(act="role:withdrawn")
    assert (event.details["reason"], event.school_uai) == ("class-closed", "0540001A")


def test_who_also_belongs_by_hand_keeps_their_roles(deliver: Importer) -> None:
    delivery = two_schools()
    deliver(delivery)
    mover, first = person("5002"), school("0540001A")
    mover.affiliations.create(school=first, profile="invite", source=Source.MANUAL)
    RoleGrant.objects.create(person=mover, role=Role.EDITOR, school=first)
    stranger = make_person(source=Source.MANUAL)
    RoleGrant.objects.create(person=stranger, role=Role.EDITOR, school=first)
    deliver(delivery.copy(date="20260902").member("5002", functions=[f"200{TEACHES}"]))
    assert in_force(mover) == {(Role.EDITOR, "0540001A")}
    assert in_force(stranger) == {(Role.EDITOR, "0540001A")}
