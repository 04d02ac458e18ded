"""What an import does to people, links, roles and accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from accounts.enums import AccountKind, AccountState
from accounts.models import Account, Door, ReservedLogin
from directory.enums import AccessState, DeliveryState, Profile, Role, Source
from directory.imports.application import references
from directory.imports.contributors import Reference, StaleStaging
from directory.models import Membership, Person, Record, Responsibility, RoleGrant, School, Teaching
from directory.models.deliveries import Delivery as Delivery_
from ent.sealing.hashing import keyed_hash
from ent.sealing.keys import KeyRole
from tests.directory.imports.conftest import Importer, row_versions
from tests.directory.imports.deliveries import Delivery, SchoolOf, small_school
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def person(category: str, identifier: str) -> Person:
    found = Record.objects.get(category=category, external_id=identifier).person
    assert found is not None
    return found


def test_a_pupil_arrives_with_class_parent_login_and_sealed_code(deliver: Importer) -> None:
    deliver(small_school())
    pupil = person("Eleve", "1")
    assert pupil.given_name == "Élise"
    assert pupil.login == "elise.nom"
    assert pupil.access_state == AccessState.PENDING
    assert pupil.address == "1 rue des Lilas"
    assert pupil.main_school is not None
    assert pupil.main_school.is_active
    assert [m.group.code for m in pupil.memberships.all()] == ["6A"]
    link = Responsibility.objects.get(pupil=pupil)
    assert link.is_legal
    assert link.guardian.profile == Profile.GUARDIAN
    account = Account.objects.get(person=pupil)
    assert account.kind == AccountKind.LOCAL
    assert account.state == AccountState.PENDING
    assert account.code_generation == 1
    assert account.activation_code.generation == 1


def test_staff_have_an_academic_account_without_any_secret(deliver: Importer) -> None:
    deliver(small_school())
    teacher = person("PersEducNat", "5002")
    account = Account.objects.get(person=teacher)
    assert account.kind == AccountKind.ACADEMIC
    assert account.password == ""
    assert not hasattr(account, "activation_code")
    roles = sorted(Membership.objects.filter(person=teacher).values_list("role", flat=True))
    assert roles == ["enseignant", "professeur-principal"]
    assert Teaching.objects.get(person=teacher).subject.code == "030201"


def test_a_new_authority_gets_its_first_doors_once(deliver: Importer) -> None:
    """Pupils can sign in the day they arrive; an administrator's changes stay."""
    deliver(small_school())
    assert {door.kind for door in Door.objects.exclude(authority=None)} == {"local", "cas"}
    Door.objects.filter(kind="cas").delete()
    deliver(small_school().member("5009", functions=[]))
    assert [door.kind for door in Door.objects.exclude(authority=None)] == ["local"]


def test_staff_without_any_school_get_no_account(deliver: Importer) -> None:
    deliver(small_school().member("5009", functions=[]))
    alone = person("PersEducNat", "5009")
    assert not Account.objects.filter(person=alone).exists()
    assert alone.access_state == AccessState.NONE


def test_homonyms_are_numbered_in_the_order_of_the_files(deliver: Importer) -> None:
    delivery = Delivery()
    for number in range(1, 5):
        delivery.pupil(str(number), sn="D'Été-Œuvré", givenName="Zoë", ENTPersonNomPatro="")
    delivery.guardian("1001")
    deliver(delivery)
    logins = [person("Eleve", str(n)).login for n in range(1, 5)]
    assert logins == ["zoe.deteoeuvre", "zoe.deteoeuvre2", "zoe.deteoeuvre3", "zoe.deteoeuvre4"]


def test_a_login_of_an_erased_account_is_never_given_again(deliver: Importer) -> None:
    ReservedLogin.objects.create(
        base_hash=keyed_hash(KeyRole.LOGIN_HASH, b"elise.nom"), last_number=7
    )
    deliver(small_school(pupils=2))
    assert {person("Eleve", n).login for n in "12"} == {"elise.nom8", "elise.nom9"}


def test_a_login_that_somebody_gave_up_is_skipped(deliver: Importer) -> None:
    ReservedLogin.objects.create(
        base_hash=keyed_hash(KeyRole.LOGIN_HASH, b"elise.nom2"), last_number=1
    )
    deliver(small_school(pupils=2))
    assert {person("Eleve", n).login for n in "12"} == {"elise.nom3", "elise.nom4"}


def test_numbers_go_on_after_those_already_given(deliver: Importer) -> None:
    delivery = small_school(pupils=2)
    deliver(delivery)
    later = delivery.copy(date="20260902").pupil("3", guardians=["1001$10$1$1$0$1"])
    deliver(later)
    assert person("Eleve", "3").login == "elise.nom3"


def test_numbers_go_on_after_the_highest_though_one_before_it_is_free(deliver: Importer) -> None:
    delivery = small_school(pupils=3)
    deliver(delivery)
    renamed = Account.objects.get(login="elise.nom2")
    Account.objects.filter(pk=renamed.pk).update(login="elise.autre")
    Person.objects.filter(pk=renamed.person_id).update(login="elise.autre")
    deliver(delivery.copy(date="20260902").pupil("4", guardians=["1001$10$1$1$0$1"]))
    assert person("Eleve", "4").login == "elise.nom4"


def test_a_parent_without_legal_responsibility_is_a_contact(deliver: Importer) -> None:
    delivery = Delivery().guardian("1001").guardian("1002")
    deliver(delivery.pupil("1", guardians=["1001$20$0$1$0$0", "1002$39$0$0$1$0"]))
    assert person("PersRelEleve", "1001").profile == Profile.GUARDIAN
    assert person("PersRelEleve", "1002").profile == Profile.CONTACT
    assert not Account.objects.filter(person=person("PersRelEleve", "1002")).exists()


def test_the_second_legal_parent_of_an_old_file_gets_an_account(deliver: Importer) -> None:
    delivery = Delivery().guardian("1001").guardian("1002")
    deliver(delivery.pupil("1", guardians=["1001$1$0$2$1$0", "1002$2$1$1$1$0"]))
    assert person("PersRelEleve", "1001").profile == Profile.GUARDIAN
    assert person("PersRelEleve", "1002").profile == Profile.GUARDIAN


def test_an_organisation_is_a_contact_without_account(deliver: Importer) -> None:
    delivery = Delivery().guardian("1001", givenName="", sn="ASE DE MEURTHE-ET-MOSELLE")
    deliver(delivery.pupil("1", guardians=["1001$51$0$1$0$0"]))
    organisation = person("PersRelEleve", "1001")
    assert organisation.profile == Profile.CONTACT
    assert not Account.objects.filter(person=organisation).exists()


def test_a_contact_who_becomes_legal_gets_an_account(deliver: Importer) -> None:
    delivery = Delivery().guardian("1001").pupil("1", guardians=["1001$39$0$0$1$0"])
    deliver(delivery)
    deliver(delivery.copy(date="20260902").pupil("1", guardians=["1001$20$0$1$0$0"]))
    parent = person("PersRelEleve", "1001")
    assert parent.profile == Profile.GUARDIAN
    assert Account.objects.get(person=parent).login == parent.login == "zoe.parent"


def test_one_parent_account_for_all_children(deliver: Importer) -> None:
    delivery = Delivery().guardian("1001")
    delivery.pupil("1", guardians=["1001$10$1$1$0$1"])
    delivery.pupil("2", guardians=["1001$10$1$1$0$1"], in_class="3A")
    deliver(delivery)
    parent = person("PersRelEleve", "1001")
    assert Responsibility.objects.filter(guardian=parent).count() == 2
    assert parent.affiliations.count() == 1


def two_schools() -> Delivery:
    delivery = small_school()
    delivery.schools.append(SchoolOf(ref="200", uai="0540002B", name="CLG$DES ROSES$NANCY"))
    for number in range(101, 113):
        delivery.pupil(str(number), school="200", guardians=["1001$10$1$1$0$1"])
    return delivery


@pytest.mark.usefixtures("both_readers")
def test_a_move_keeps_the_account_and_changes_who_sees_the_person(deliver: Importer) -> None:
    delivery = two_schools()
    deliver(delivery)
    before = person("Eleve", "2")
    later = delivery.copy(date="20260902").pupil("2", school="200", guardians=["1002$10$1$1$0$1"])
    outcome = deliver(later)
    after = person("Eleve", "2")
    assert (after.pk, after.login) == (before.pk, before.login)
    assert [a.school.uai for a in after.affiliations.all()] == ["0540002B"]
    parent = person("PersRelEleve", "1002")
    assert [a.school.uai for a in parent.affiliations.all()] == ["0540002B"]
    assert parent.main_school is not None
    assert parent.main_school.uai == "0540002B"
    assert outcome.delivery.counters["by_category"]["Eleve"]["moved"] == 1
    assert outcome.delivery.counters["leaving"] == 0


def test_someone_absent_leaves_and_comes_back_to_the_same_account(deliver: Importer) -> None:
    delivery = small_school(pupils=60)
    deliver(delivery)
    account = Account.objects.get(person=person("Eleve", "3"))
    without = delivery.copy(date="20260902")
    del without.pupils["3"]
    assert deliver(without).delivery.counters["leaving"] == 1
    gone = person("Eleve", "3")
    assert gone.left_at is not None
    assert not Account.objects.get(pk=account.pk).is_active
    deliver(delivery.copy(date="20260903"))
    back = person("Eleve", "3")
    assert back.left_at is None
    again = Account.objects.get(person=back)
    assert (again.pk, again.login, again.uuid) == (account.pk, account.login, account.uuid)


def test_an_absent_category_says_nothing_about_who_left(deliver: Importer) -> None:
    delivery = small_school()
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.staff.clear()
    assert deliver(later).delivery.counters["leaving"] == 0
    assert person("PersEducNat", "5001").left_at is None


def test_schools_that_are_not_covered_lose_nobody(deliver: Importer) -> None:
    delivery = two_schools()
    delivery.member("5003", functions=["300$ORI$ORIENTATION$O0040$ORIENTATION"])
    delivery.schools.append(
        SchoolOf(ref="300", uai="0540003C", name="RECTORAT$$NANCY", classes=[], groups=[])
    )
    deliver(delivery)
    later = delivery.copy(date="20260902")
    del later.staff["5003"]
    assert deliver(later).state == DeliveryState.APPLIED
    assert person("PersEducNat", "5003").left_at is None


def test_links_and_roles_made_by_hand_survive(deliver: Importer) -> None:
    delivery = small_school()
    deliver(delivery)
    school = School.objects.get(uai="0540001A")
    teacher, pupil = person("PersEducNat", "5002"), person("Eleve", "1")
    by_hand = make_person(source=Source.MANUAL)
    by_hand.affiliations.create(
        school=school, profile=Profile.LOCAL_AUTHORITY, source=Source.MANUAL
    )
    group = pupil.memberships.get().group
    Membership.objects.create(person=by_hand, group=group, role="enseignant", source=Source.MANUAL)
    Responsibility.objects.create(
        guardian=by_hand, pupil=pupil, relationship=90, level=0, source=Source.MANUAL
    )
    RoleGrant.objects.create(person=teacher, role=Role.EDITOR, school=school)
    later = delivery.copy(date="20260902").pupil("1", in_class="3A", guardians=["1001$10$1$1$0$1"])
    deliver(later.member("5002", functions=["100$DOC$DOCUMENTATION$L0080$DOC"]))
    assert Responsibility.objects.filter(guardian=by_hand, pupil=pupil).exists()
    assert Membership.objects.filter(person=by_hand).exists()
    assert by_hand.affiliations.exists()
    assert RoleGrant.objects.filter(person=teacher, role=Role.EDITOR).exists()
    assert [m.group.code for m in pupil.memberships.all()] == ["3A"]
    assert Person.objects.get(pk=teacher.pk).profile == Profile.LIBRARIAN


def test_an_administrator_who_takes_the_head_role_away_is_obeyed(deliver: Importer) -> None:
    delivery = small_school()
    deliver(delivery)
    grant = RoleGrant.objects.get(role=Role.SCHOOL_ADMINISTRATOR)
    grant.withdrawn_at = timezone.now()
    grant.withdrawn_by = make_person()
    grant.save()
    head = person("PersEducNat", "5001")
    later = delivery.copy(date="20260902")
    later.member("5001", functions=["100$DIR$DIRECTION$D0011$PRINCIPAL ADJOINT"])
    deliver(later)
    assert not RoleGrant.objects.in_force().filter(person=head).exists()


def test_a_head_who_moves_on_loses_the_role_of_the_old_school(deliver: Importer) -> None:
    delivery = two_schools()
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.member("5001", functions=["200$DIR$DIRECTION$D0010$PRINCIPAL"])
    deliver(later)
    grants = RoleGrant.objects.in_force().filter(person=person("PersEducNat", "5001"))
    assert [g.school.uai for g in grants if g.school] == ["0540002B"]


def test_the_same_delivery_again_writes_no_row(deliver: Importer) -> None:
    """T-H14, with objects that have anomalies: they are read again and reported again."""
    delivery = two_schools()
    delivery.pupil("7", guardians=["9999$10$1$1$0$1"], ENTPersonDateNaissance="31/02/2014")
    delivery.member("5004", functions=["999$ENS$ENSEIGNEMENT$L0422$ANGLAIS"])
    first = deliver(delivery)
    before = row_versions()
    again = deliver(delivery)
    assert row_versions() == before
    codes = [
        sorted(o.delivery.anomalies.values_list("code", "object_id", "line"))
        for o in (first, again)
    ]
    assert codes[0] == codes[1]
    assert {"bad_date", "unknown_guardian", "unknown_school"} <= {c for c, _, _ in codes[0]}


def test_what_was_unknown_is_attached_when_it_arrives(deliver: Importer) -> None:
    delivery = Delivery().guardian("1001")
    delivery.pupil("1", guardians=["1002$10$1$1$0$1"], school="200")
    deliver(delivery)
    assert not Account.objects.exists()
    later = delivery.copy(date="20260902").guardian("1002")
    later.schools.append(SchoolOf(ref="200", uai="0540002B"))
    deliver(later)
    assert person("Eleve", "1").affiliations.get().school.uai == "0540002B"
    assert Responsibility.objects.count() == 1
    assert Account.objects.filter(person=person("PersRelEleve", "1002")).exists()
    assert Account.objects.filter(person=person("Eleve", "1")).exists()


def test_an_unknown_attribute_is_counted_and_never_an_error(deliver: Importer) -> None:
    delivery = small_school(pupils=2)
    for attributes in delivery.pupils.values():
        attributes["ENTPersonSTSId"] = "42"
    outcome = deliver(delivery)
    assert outcome.state == DeliveryState.APPLIED
    message = outcome.delivery.anomalies.get(code="unknown_attribute").message
    assert "ENTPersonSTSId" in message
    assert "2 objets" in message


def test_without_the_right_to_put_checks_aside_the_result_is_the_same(
    deliver: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A managed database may refuse ``session_replication_role``: the ordinary checks run."""
    monkeypatch.setattr(references, "may_set_aside_triggers", lambda: False)
    assert deliver(small_school()).state == DeliveryState.APPLIED
    assert Account.objects.count() == 26


def test_a_reference_that_does_not_resolve_ends_the_transaction(
    deliver: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The set-wise check finds what a foreign key would have found."""
    wrong = Reference("add_membership", "group_id", "directory_mef")
    monkeypatch.setattr(references, "REFERENCES", (*references.REFERENCES, wrong))
    with pytest.raises(StaleStaging):
        deliver(small_school())
    assert not Person.objects.exists()
    assert Delivery_.objects.get().state == DeliveryState.ABANDONED


def test_a_school_s_own_older_files_are_refused_after_the_academy_s(
    deliver: Importer, tmp_path: Path
) -> None:
    delivery = small_school()
    deliver(delivery)
    folder = delivery.copy(date="20260830").write(tmp_path / "own")
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.replace("ENT2DVA", "ENT2DVA_0540001A"))
    assert deliver(folder).delivery.counters["refusal_code"] == "older_than_last"


def test_a_school_is_found_by_the_uai_that_is_kept(deliver: Importer) -> None:
    """Another UAI on a known structure is reported and not taken."""
    delivery = small_school(pupils=4)
    deliver(delivery)
    later = delivery.copy(date="20260902")
    later.schools[0].uai = "0549999Z"
    later.schools[0].name = "CLG$DES TILLEULS$NANCY"
    outcome = deliver(later)
    assert outcome.delivery.anomalies.filter(code="uai_differs").exists()
    school = School.objects.get()
    assert (school.uai, "Tilleuls" in school.name) == ("0540001A", True)
    assert list(School.objects.matching("0540001a")) == [school]
    assert not School.objects.matching("0549999Z").exists()
    before = row_versions()
    later.date = "20260903"
    deliver(later)
    assert row_versions() == before
