"""The first sign-in through an academy: exactly one person, bound for good, or a human (R-B5)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.doors.base.protocol import Assertion
from accounts.doors.bindings.matching import BindingRefusedError, account_of
from accounts.enums import AccountState, BindingRefusal, MatchOn
from accounts.models import Account, ActivationCode, Door, DoorBinding, RefusedBinding
from directory.enums import Profile
from directory.models import Person, Record, School
from ent.audit.models import AuditEvent
from ent.audit.origin import Origin
from tests import factories as make
from tests.accounts.academy import StandIn, academic_account, academic_door, come_back, leave
from tests.accounts.signing import give_code

pytestmark = pytest.mark.django_db
MAIL = "jeanne.dupont@ac-nancy-metz.example"


def claim(door: Door, subject: str, **attributes: str) -> Account:
    assertion = Assertion(
        subject=subject, attributes={name: (value,) for name, value in attributes.items()}
    )
    return account_of(door=door, assertion=assertion, origin=Origin())


def refusal(door: Door, subject: str, **attributes: str) -> BindingRefusal:
    accounts = Account.objects.count()
    with pytest.raises(BindingRefusedError) as refused:
        claim(door, subject, **attributes)
    assert Account.objects.count() == accounts, "no account is ever invented"
    assert RefusedBinding.objects.get(reference=refused.value.reference).door == door
    return refused.value.reason


def test_a_bound_subject_comes_in_whatever_the_academy_calls_its_mail_afterwards(
    door: Door, account: Account
) -> None:
    assert claim(door, "jdupont", mail=MAIL) == account
    assert claim(door, "jdupont") == account


def test_nobody_is_refused(door: Door, account: Account) -> None:
    assert refusal(door, "inconnu", mail="autre@ac.example") == BindingRefusal.NOBODY


@pytest.mark.parametrize(
    ("delivered", "said"),
    [
        (f"mailto:{MAIL}", MAIL),
        (f"<{MAIL.upper()}>", MAIL),
        (MAIL, f"mailto:{MAIL}"),
        (f"mailto:<{MAIL}>", f" Jeanne DUPONT <{MAIL}> "),
    ],
)
def test_what_surrounds_an_address_does_not_count(
    door: Door, account: Account, delivered: str, said: str
) -> None:
    Person.objects.filter(pk=account.person_id).update(email=delivered)
    assert claim(door, "jdupont", mail=said) == account


def test_several_are_refused(door: Door, account: Account) -> None:
    school = School.objects.get(authority=door.authority)
    academic_account(school, email=MAIL.upper(), name="Julie")
    assert refusal(door, "jdupont", mail=MAIL) == BindingRefusal.SEVERAL


def test_a_second_claimant_is_refused(door: Door, account: Account) -> None:
    claim(door, "jdupont", mail=MAIL)
    assert refusal(door, "jdupont2", mail=MAIL) == BindingRefusal.SECOND_CLAIMANT


def test_a_changed_mail_is_refused_unless_the_directory_followed(
    door: Door, account: Account
) -> None:
    claim(door, "jdupont", mail=MAIL)
    assert refusal(door, "jdupont", mail="jeanne.martin@ac.example") == BindingRefusal.CHANGED
    Person.objects.filter(pk=account.person_id).update(email="jeanne.martin@ac.example")
    assert claim(door, "jdupont", mail="jeanne.martin@ac.example") == account
    assert refusal(door, "jdupont", mail=MAIL) == BindingRefusal.CHANGED


def test_an_academy_that_does_not_say_the_attribute_binds_nobody(
    door: Door, account: Account
) -> None:
    assert refusal(door, "jdupont") == BindingRefusal.NO_ATTRIBUTE
    assert refusal(door, "jdupont", courriel=MAIL) == BindingRefusal.NO_ATTRIBUTE


def claim_values(door: Door, *values: str, subject: str = "jdupont") -> Account:
    assertion = Assertion(subject=subject, attributes={door.match_attribute: values})
    return account_of(door=door, assertion=assertion, origin=Origin())


@pytest.mark.parametrize(
    "values",
    [
        (MAIL, "ancienne@ac-nancy-metz.example"),
        ("ancienne@ac-nancy-metz.example", MAIL),
        ("", f" {MAIL.upper()} ", MAIL),
    ],
)
def test_of_several_values_each_is_tried(
    values: tuple[str, ...], door: Door, account: Account
) -> None:
    """A married name, a former academy: the attribute has two addresses, and one person."""
    assert claim_values(door, *values) == account
    assert claim_values(door, *reversed(values)) == account
    assert claim_values(door, MAIL) == account


def test_several_values_that_designate_several_people_meet_the_page(
    door: Door, account: Account
) -> None:
    assert account.person.main_school is not None
    other = academic_account(account.person.main_school, email="autre@x.example", name="Lou")
    with pytest.raises(BindingRefusedError) as refused:
        claim_values(door, MAIL, other.person.email)
    assert refused.value.reason == BindingRefusal.SEVERAL
    assert not DoorBinding.objects.exists()


def test_several_values_that_designate_nobody_are_nobody(door: Door, account: Account) -> None:
    with pytest.raises(BindingRefusedError) as refused:
        claim_values(door, "x@y.example", "z@y.example")
    assert refused.value.reason == BindingRefusal.NOBODY
    assert RefusedBinding.objects.get().attribute == "x@y.example z@y.example"


def test_several_join_keys_are_each_tried(door: Door, account: Account) -> None:
    Door.objects.filter(pk=door.pk).update(match_on=MatchOn.JOIN_KEY)
    door.refresh_from_db()
    Record.objects.filter(person=account.person_id).update(external_id="4321")
    assert claim_values(door, "AC-LYON$4321", "AC-NANCY-METZ$4321") == account


def test_a_bound_subject_with_more_values_comes_in(door: Door, account: Account) -> None:
    assert claim(door, "jdupont", mail=MAIL) == account
    assert claim_values(door, "x@y.example", MAIL) == account
    with pytest.raises(BindingRefusedError) as refused:
        claim_values(door, "x@y.example", "z@y.example")
    assert refused.value.reason == BindingRefusal.CHANGED


def test_who_left_or_is_blocked_stays_out(door: Door, account: Account) -> None:
    claim(door, "jdupont", mail=MAIL)
    Account.objects.filter(pk=account.pk).update(state=AccountState.BLOCKED)
    assert refusal(door, "jdupont", mail=MAIL) == BindingRefusal.CLOSED
    Account.objects.filter(pk=account.pk).update(state=AccountState.ACTIVE)
    Person.objects.filter(pk=account.person_id).update(left_at=timezone.now())
    assert refusal(door, "jdupont", mail=MAIL) == BindingRefusal.CLOSED


def test_a_record_that_left_the_feed_matches_nobody(door: Door, account: Account) -> None:
    Record.objects.filter(person=account.person_id).update(is_present=False)
    assert refusal(door, "jdupont", mail=MAIL) == BindingRefusal.NOBODY


def test_the_door_of_the_staff_opens_for_no_pupil(door: Door, account: Account) -> None:
    Person.objects.filter(pk=account.person_id).update(profile=Profile.PUPIL)
    assert refusal(door, "jdupont", mail=MAIL) == BindingRefusal.NOBODY


@pytest.mark.parametrize("value", ["4217", "AC-NANCY-METZ$4217", "ac-nancy-metz$4217"])
def test_a_join_key_designates_a_person_of_its_academy(
    door: Door, account: Account, value: str
) -> None:
    """EduConnect and others give the AAF join key instead of a mail."""
    Door.objects.filter(pk=door.pk).update(match_on=MatchOn.JOIN_KEY, match_attribute="ref")
    door = Door.objects.get(pk=door.pk)
    Record.objects.filter(person=account.person_id).update(external_id="4217")
    other = make.make_authority(code="REIMS")
    academic_account(make.make_school(authority=other), email="", key="4217", name="Autre")
    foreign = value.replace("NANCY-METZ", "REIMS").replace("nancy-metz", "reims")
    if foreign != value:
        assert refusal(door, "jdupont", ref=foreign) == BindingRefusal.NOBODY
    assert claim(door, "jdupont", ref=value.replace("ac-", "AC-")) == account


def test_a_join_key_counts_in_the_record_of_the_doors_own_academy_only(
    door: Door, account: Account
) -> None:
    """T-E9: who also has a record elsewhere is not found here by that one's identifier."""
    Door.objects.filter(pk=door.pk).update(match_on=MatchOn.JOIN_KEY, match_attribute="ref")
    door = Door.objects.get(pk=door.pk)
    assert door.authority is not None
    here = Record.objects.get(person=account.person_id)
    Record.objects.filter(pk=here.pk).update(external_id="4217")
    for number, (authority, is_present) in enumerate(
        [(make.make_authority(code="REIMS"), True), (door.authority, False)], start=9000
    ):
        Record.objects.create(
            person=account.person,
            authority=authority,
            degree=here.degree,
            category=here.category,
            external_id=str(number),
            is_present=is_present,
        )
        assert refusal(door, f"voisin{number}", ref=str(number)) == BindingRefusal.NOBODY
    assert claim(door, "jdupont", ref="4217") == account


def test_the_same_uid_in_two_academies_is_two_people(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """T-E9: the key is (door, subject); A's `jdupont` never becomes B's."""
    other = make.make_authority(code="REIMS")
    second = academic_door(other, academy.url)
    theirs = academic_account(make.make_school(authority=other), email=MAIL, name="Jacques")
    assert claim(door, "jdupont", mail=MAIL) == account
    assert claim(second, "jdupont", mail=MAIL) == theirs
    assert DoorBinding.objects.filter(subject="jdupont").count() == 2
    stranger = academic_door(make.make_authority(code="DIJON"), academy.url)
    assert refusal(stranger, "jdupont", mail=MAIL) == BindingRefusal.NOBODY


def test_what_the_browser_says_of_itself_counts_for_nothing(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    """T-E9: attributes come from the validated answer only."""
    leave(client, door)
    academy.issue("ST-1", "mallory", mail="mallory@ac.example")
    answer = client.get(
        f"/guichet/{door.code}/", {"ticket": "ST-1", "mail": MAIL, "user": "jdupont"}
    )
    assert answer.status_code == 403
    assert not DoorBinding.objects.exists()


def test_the_page_of_a_refusal_gives_a_reference_and_names_nobody(
    client: Client, academy: StandIn, door: Door, account: Account
) -> None:
    for number in (1, 2):
        leave(client, door)
        academy.issue(f"ST-{number}", "mallory", mail="mallory@ac.example")
        answer = come_back(client, door, f"ST-{number}")
    refused = RefusedBinding.objects.get()
    assert refused.count == 2
    page = answer.content.decode()
    assert answer.status_code == 403
    assert refused.reference in page
    assert "mallory" not in page
    assert "Dupont" not in page
    event = AuditEvent.objects.filter(act="account:binding:refused").first()
    assert event is not None
    assert event.details == {"reason": "personne", "reference": refused.reference}


def test_a_code_that_waited_dies_when_the_academy_answers_for_the_account(
    door: Door, account: Account
) -> None:
    give_code(account)
    claim(door, "jdupont", mail=MAIL)
    assert not ActivationCode.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_claimants_at_once_one_is_bound(door: Door, account: Account) -> None:
    start = threading.Barrier(2)
    outcomes: list[int | BindingRefusal] = []

    def run(subject: str) -> None:
        try:
            start.wait()
            outcomes.append(claim(door, subject, mail=MAIL).pk)
        except BindingRefusedError as error:
            outcomes.append(error.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("un", "deux")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DoorBinding.objects.count() == 1
    assert set(outcomes) == {account.pk, BindingRefusal.SECOND_CLAIMANT}
