"""What stands in a credential file, in which order, and for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.enums import AccountKind, AccountState
from accounts.models import Account, ActivationCode
from credentials.choice.managed_accounts import Selection
from credentials.codes.issuing import (
    count_pending,
    issue_codes,
    reissue_codes,
    renew_codes,
)
from credentials.files.rows import (
    HEADER,
    FileCounts,
    read_rows,
)
from directory.enums import Category, Degree, GroupKind, Profile
from directory.models import Person, Record, School
from signin.one_time_codes import matches, normalise
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def select(school: School, **bounds: datetime) -> Selection:
    """Return the accounts of a whole school, or of a span."""
    return Selection(
        school_id=school.pk,
        authority_id=school.authority_id,
        authority_code=school.authority.code,
        uai=school.uai,
        **bounds,
    )


def rows_of(school: School, **bounds: datetime) -> list[dict[str, str]]:
    """Read the rows as a worker does, each under the names of the header."""
    with transaction.atomic():
        blocks = list(read_rows(select(school, **bounds), now=NOW, tally=FileCounts()))
    return [dict(zip(HEADER, row, strict=True)) for block in blocks for row in block]


def make_pending(person: Person, *, has_code: bool = True) -> Account:
    """Give a person an account that waits for its code."""
    account = make.make_account(person=person, state=AccountState.PENDING)
    if has_code:
        issue_codes(account_ids=[account.pk], now=NOW)
    return account


def make_pupil(school: School, code: str, family_name: str, given_name: str = "Léa") -> Person:
    """A pupil of a class, with a pending account."""
    person = make.make_person(school=school, family_name=family_name, given_name=given_name)
    class_ = school.groups.filter(code=code).first() or make.make_class(school=school, code=code)
    make.put_in_group(person=person, group=class_)
    make_pending(person)
    return person


def test_the_columns_are_those_that_school_offices_know() -> None:
    """R-E2: the first nine names are fixed by what others read."""
    assert ";".join(HEADER).startswith(
        "rne;uid;classe;profil;prenom;nom;login;mot de passe;cle de jointure;"
    )


def test_a_pupil_stands_with_class_login_code_and_join_key() -> None:
    """R-E2: every column of a pupil, and the code is the one that opens the account."""
    school = make.make_school(uai="0541234A")
    pupil = make_pupil(school, "4E3", "Dupré", "Jeanne")
    pupil.address, pupil.postal_code, pupil.town = "12 rue des Écoles\nBât. B", "01000", "Bourg"
    pupil.save()
    Record.objects.create(
        authority=school.authority,
        degree=Degree.SECOND,
        category=Category.PUPIL,
        external_id="417",
        person=pupil,
        checksum=b"x" * 16,
    )
    (row,) = rows_of(school)
    account = pupil.account
    account.refresh_from_db()
    assert row["rne"] == "0541234A"
    assert row["uid"] == str(account.uuid)
    assert (row["classe"], row["profil"]) == ("4E3", "Élève")
    assert (row["prenom"], row["nom"], row["login"]) == ("Jeanne", "Dupré", account.login)
    assert row["cle de jointure"] == f"AC-{school.authority.code}$417"
    assert (row["adresse"], row["code postal"]) == ("12 rue des Écoles, Bât. B", "01000")
    code = row["mot de passe"]
    assert [len(part) for part in code.split("-")] == [4, 4, 4]
    stored = ActivationCode.objects.get(account=account)
    assert matches(stored.verifier, normalise(code), account.uuid, account.code_generation)


def test_rows_come_by_profile_then_class_then_name_and_parents_by_child_class() -> None:
    """R-E2: slips are handed out class by class; 6E comes where the school sorts it."""
    school = make.make_school()
    make_pupil(school, "6E1", "Zola")
    make_pupil(school, "4E3", "Éluard")
    make_pupil(school, "4E3", "Dumas")
    late = make_pupil(school, "6E1", "Aragon", "Noé")
    early = make_pupil(school, "4E3", "Aragon", "Eva")
    for family_name, child in (("Alpha", late), ("Zêta", early)):
        guardian = make.make_person(profile=Profile.GUARDIAN, family_name=family_name)
        make.make_child_of(guardian=guardian, pupil=child)
        make_pending(guardian)
    make_pending(make.make_person(profile=Profile.GUEST, school=school, family_name="Invitée"))
    make_pending(make.make_person(profile=Profile.STAFF, school=school, family_name="Personnel"))
    rows = rows_of(school)
    assert [(row["profil"], row["classe"], row["nom"]) for row in rows] == [
        ("Élève", "4E3", "Aragon"),
        ("Élève", "4E3", "Dumas"),
        ("Élève", "4E3", "Éluard"),
        ("Élève", "6E1", "Aragon"),
        ("Élève", "6E1", "Zola"),
        ("Tuteur", "4E3", "Zêta"),
        ("Tuteur", "6E1", "Alpha"),
        ("Personnel", "", "Personnel"),
        ("Invité", "", "Invitée"),
    ]


def test_a_parent_shows_only_the_children_of_this_school() -> None:
    """T-F5: a parent of two schools; each school prints its own child and its class."""
    school_a, school_b = make.make_school(), make.make_school()
    child_a = make_pupil(school_a, "4E3", "Martin", "Anna")
    second_a = make_pupil(school_a, "6E1", "Martin", "Luc")
    child_b = make_pupil(school_b, "2NDE 1", "Martin", "Basile")
    parent = make.make_person(profile=Profile.GUARDIAN, family_name="Martin", given_name="Claire")
    for child in (second_a, child_a, child_b):
        make.make_child_of(guardian=parent, pupil=child)
    make_pending(parent)

    def of_parent(school: School) -> dict[str, str]:
        (row,) = [row for row in rows_of(school) if row["profil"] == "Tuteur"]
        return row

    assert of_parent(school_a)["enfants"] == "Anna Martin, Luc Martin"
    assert of_parent(school_a)["classes des enfants"] == "4E3, 6E1"
    assert of_parent(school_b)["enfants"] == "Basile Martin"
    assert of_parent(school_a)["mot de passe"] == of_parent(school_b)["mot de passe"]


def test_who_has_an_academic_door_is_in_no_file() -> None:
    """R-E3: academic staff sign in at their academy; people who left are not there either."""
    school = make.make_school()
    teacher = make.make_person(profile=Profile.TEACHER, school=school)
    make.make_account(person=teacher, kind=AccountKind.ACADEMIC)
    gone = make_pupil(school, "4E3", "Partie")
    gone.left_at = NOW
    gone.save()
    assert rows_of(school) == []


def test_an_activated_account_says_so_in_words() -> None:
    """R-E2: never a hash, whatever the account's state."""
    school = make.make_school()
    active = make.make_person(school=school, family_name="A")
    make.make_account(person=active, state=AccountState.ACTIVE)
    blocked = make.make_person(school=school, family_name="B")
    make.make_account(person=blocked, state=AccountState.BLOCKED)
    make_pending(make.make_person(school=school, family_name="C"), has_code=False)
    passwords = [row["mot de passe"] for row in rows_of(school)]
    assert passwords == ["déjà activé", "compte bloqué", "code à régénérer"]


def test_swapped_boxes_do_not_open() -> None:
    """T-F1b: two ciphertext rows exchanged in the database; both refuse, the others are printed."""
    school = make.make_school()
    for name in ("A", "B", "C"):
        make_pupil(school, "4E3", name)
    first, second, _ = ActivationCode.objects.order_by("account_id")
    pairs = [(first.pk, second.box, second.batch_id), (second.pk, first.box, first.batch_id)]
    for pk, box, batch_id in pairs:
        ActivationCode.objects.filter(pk=pk).update(box=box, batch_id=batch_id)
    passwords = [row["mot de passe"] for row in rows_of(school)]
    assert passwords[:2] == ["code illisible : à réémettre"] * 2
    assert len(passwords[2]) == 14


def test_renewing_leaves_valid_codes_alone_and_replaces_expired_ones() -> None:
    """T-F11: slips already handed out still work."""
    school = make.make_school()
    valid, expired, without = (make_pupil(school, "4E3", name) for name in ("A", "B", "C"))
    ActivationCode.objects.filter(account=expired.account).update(expires_at=NOW)
    ActivationCode.objects.filter(account=without.account).delete()
    before = ActivationCode.objects.get(account=valid.account).verifier
    assert renew_codes(selection=select(school), now=NOW) == 2
    assert ActivationCode.objects.get(account=valid.account).verifier == before
    generations = Account.objects.filter(person__in=[valid, expired, without]).order_by("pk")
    assert [account.code_generation for account in generations] == [1, 2, 2]
    renewed = ActivationCode.objects.get(account=expired.account)
    assert renewed.expires_at == NOW + timedelta(days=90)
    assert renew_codes(selection=select(school), now=NOW) == 0


def test_reissuing_kills_the_former_codes_of_pending_accounts_only() -> None:
    """T-F11: « Réémettre » ; who has chosen a password is not touched."""
    school = make.make_school()
    pupil = make_pupil(school, "4E3", "A")
    active = make.make_person(school=school)
    make.make_account(person=active, state=AccountState.ACTIVE)
    former = rows_of(school)[0]["mot de passe"]
    assert reissue_codes(selection=select(school), asked_at=NOW, now=NOW) == 1
    stored = ActivationCode.objects.get(account=pupil.account)
    account = Account.objects.get(pk=pupil.account.pk)
    assert not matches(stored.verifier, former, account.uuid, account.code_generation)
    fresh = rows_of(school)[0]["mot de passe"]
    assert fresh != former
    assert matches(stored.verifier, fresh, account.uuid, account.code_generation)


def test_the_number_of_statements_does_not_grow_with_the_rows() -> None:
    """House rule 16, for reading and for issuing."""
    school = make.make_school()
    make_pupil(school, "4E3", "A")

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            reissue_codes(selection=select(school), asked_at=NOW, now=NOW)
            rows_of(school)
        return len(captured)

    few = statements()
    for number in range(12):
        make_pupil(school, "4E3", f"N{number}")
    assert statements() == few


def test_a_class_is_the_class_of_this_school_never_a_group() -> None:
    """A pupil of two schools and of a group: each file shows its own class."""
    school_a, school_b = make.make_school(), make.make_school()
    pupil = make_pupil(school_a, "4E3", "Double")
    make.affiliate(person=pupil, school=school_b)
    make.put_in_group(person=pupil, group=make.make_class(school=school_b, code="CHAM"))
    group = make.make_class(school=school_a, code="1LATIN", kind=GroupKind.GROUP)
    make.put_in_group(person=pupil, group=group)
    assert rows_of(school_a)[0]["classe"] == "4E3"
    assert rows_of(school_b)[0]["classe"] == "CHAM"


def test_a_code_is_valid_as_long_as_the_setting_says(settings: Settings) -> None:
    """One setting for everybody who issues codes (`ACTIVATION_CODE_DAYS`)."""
    settings.ACTIVATION_CODE_DAYS = 20
    person = make.make_person(school=make.make_school())
    account = make.make_account(person=person, state=AccountState.PENDING)
    issue_codes(account_ids=[account.pk], now=NOW)
    assert ActivationCode.objects.get(account=account).expires_at == NOW + timedelta(days=20)


def test_no_file_of_a_school_holds_the_code_of_an_equal_or_of_somebody_above(cast: Cast) -> None:
    """Heads, administrators and helpdesk who wait for a code are in no file, and get none there."""
    high = (cast.head, cast.manager_a)
    for person in (*high, cast.editor, cast.guest):
        Account.objects.filter(person=person).update(state=AccountState.PENDING, password="")
    logins = {row["login"] for row in rows_of(cast.school_a)}
    assert logins.isdisjoint(person.login for person in high)
    assert {cast.editor.login, cast.guest.login} <= logins
    renewed = renew_codes(selection=select(cast.school_a), now=NOW)
    assert renewed == 2
    pending = count_pending(schools=[cast.school_a], since=None, now=datetime.now(UTC))
    assert pending == 2
