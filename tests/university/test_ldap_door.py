"""The door of a university: the password is typed here and proved by its own directory."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from accounts.doors.ldap.lookup import prove
from accounts.doors.ldap.states import is_open
from accounts.enums import DoorFault
from accounts.models import Door, DoorBinding, DoorHealth, LdapDoor
from demo.university import people, slapd
from demo.university.people import PASSWORD
from demo.university.slapd import LOCKS_AFTER
from directory.enums import Role
from directory.models import LdapDirectory
from ent.ldap.client import LdapConnection, LdapError, LdapFault, Proof, equals, forget_connections
from tests import factories as make
from tests.accounts.academy import who
from tests.cast import mark_verified
from tests.kit import canaries
from tests.kit.ports import free_port
from tests.kit.slapd import University
from tests.university.conftest import account_of

if TYPE_CHECKING:
    from tests.kit.responses import TestResponse

pytestmark = pytest.mark.django_db
REFUSED = "Identifiant ou mot de passe incorrect."


def type_secret(client: Client, door: Door, login: str, secret: str = PASSWORD) -> TestResponse:
    return client.post(f"/connexion/{door.code}/verifier/", {"username": login, "password": secret})


def change(university: University, dn: str, *lines: str) -> None:
    university.server.modify("\n".join((f"dn: {dn}", "changetype: modify", *lines, "")))


def test_a_student_comes_in_by_the_password_of_the_university(
    client: Client, door: Door, university: University
) -> None:
    member = university.student
    account = account_of(door, member)
    canaries.watch(PASSWORD)
    page = client.get(f"/connexion/{door.code}/").content.decode()
    assert 'name="password"' in page
    assert type_secret(client, door, f" {member.login.upper()} ").status_code == 303
    assert who(client) == account.login
    binding = DoorBinding.objects.get()
    assert (binding.subject, binding.login) == (member.key, member.login)
    account.refresh_from_db()
    assert account.state == "active"
    other = Client()
    assert type_secret(other, door, member.mail).status_code == 303, "its other identifier"
    assert who(other) == account.login


def test_a_changed_login_opens_the_same_account(
    client: Client, door: Door, university: University
) -> None:
    """What binds is the attribute that never changes."""
    member = university.members[1]
    account = account_of(door, member)
    type_secret(client, door, member.login)
    change(university, member.dn, "add: supannAliasLogin", "supannAliasLogin: mariee")
    other = Client()
    assert type_secret(other, door, "mariee").status_code == 303
    assert who(other) == account.login


@pytest.mark.parametrize(
    "login", ["*", "*)(uid=*", "q*", ")(", "\\00", "\\2a", "#", ",", "a,b=c", "é*", "q22000000)(|"]
)
def test_what_is_typed_is_literal(
    client: Client, door: Door, university: University, login: str
) -> None:
    """T-K5: no sign of the filter's language means anything."""
    for member in university.members[:3]:
        account_of(door, member)
    page = type_secret(client, door, login)
    assert (page.status_code, who(client)) == (200, None)
    assert REFUSED in page.content.decode()
    assert not DoorHealth.objects.filter(failures__gt=0).exists(), "the server understood"


def test_every_refusal_says_the_same_and_costs_one_bind(
    door: Door, directory: LdapDirectory, university: University
) -> None:
    """Unknown, ambiguous, closed and locked are as a wrong password, and nobody learns more."""
    right, closed, locked, twin = university.members[2:6]
    for member in (right, closed, locked, twin):
        account_of(door, member)
    change(university, closed.dn, "replace: supannRessourceEtat", "supannRessourceEtat: {COMPTE}S")
    change(
        university, locked.dn, "add: pwdAccountLockedTime", "pwdAccountLockedTime: 000001010000Z"
    )
    change(university, twin.dn, "add: supannAliasLogin", f"supannAliasLogin: {right.login}x")
    other_twin = university.members[6]
    change(university, other_twin.dn, "add: supannAliasLogin", f"supannAliasLogin: {right.login}x")
    asked = {
        "wrong": (right.login, "faux"),
        "unknown": ("personne", PASSWORD),
        "closed": (closed.login, PASSWORD),
        "locked": (locked.login, PASSWORD),
        "ambiguous": (f"{right.login}x", PASSWORD),
        "of the staff": (university.members[-1].login, PASSWORD),
    }
    pages = set()
    for case, (login, secret) in asked.items():
        binds: list[str] = []
        original = LdapConnection.prove

        def counted(self: LdapConnection, dn: str, secret: str) -> Proof:
            binds.append(dn)  # noqa: B023
            return original(self, dn, secret)  # noqa: B023

        browser = Client()
        with patch.object(LdapConnection, "prove", counted):
            page = type_secret(browser, door, login, secret)
        assert (page.status_code, who(browser), len(binds)) == (200, None, 1), case
        assert binds == [right.dn if case == "wrong" else directory.decoy_dn], case
        text = page.content.decode()
        assert REFUSED in text, case
        pages.add(text.count("\n"))
    assert len(pages) == 1
    assert type_secret(Client(), door, right.login).status_code == 303


def test_a_lock_that_is_over_keeps_nobody_out(door: Door, university: University) -> None:
    """The server takes the time of a lock away at the next sign-in only: here, or never."""
    member = university.members[14]
    account_of(door, member)
    change(
        university, member.dn, "add: pwdAccountLockedTime", "pwdAccountLockedTime: 20200101000000Z"
    )
    assert type_secret(Client(), door, member.login, "faux").status_code == 200
    assert type_secret(Client(), door, member.login).status_code == 303


def test_a_lock_in_force_takes_the_time_of_a_wrong_password(
    door: Door, directory: LdapDirectory, university: University
) -> None:
    member = university.members[15]
    account_of(door, member)
    now = f"{timezone.now():%Y%m%d%H%M%SZ}"
    change(university, member.dn, "add: pwdAccountLockedTime", f"pwdAccountLockedTime: {now}")
    binds: list[str] = []
    original = LdapConnection.prove

    def counted(self: LdapConnection, dn: str, secret: str) -> Proof:
        binds.append(dn)
        return original(self, dn, secret)

    with patch.object(LdapConnection, "prove", counted):
        page = type_secret(Client(), door, member.login)
    assert page.status_code == 200
    assert REFUSED in page.content.decode()
    assert binds == [member.dn, directory.decoy_dn]


def test_an_empty_password_is_never_sent(door: Door, university: University) -> None:
    """RFC 4513, 5.1.2: a server may answer it with success."""
    assert prove(door, university.student.login, "")[1] == Proof.WRONG
    page = type_secret(Client(), door, university.student.login, "")
    assert "Indiquez votre mot de passe." in page.content.decode()


def test_our_wait_comes_before_the_lock_of_the_server(
    client: Client, door: Door, university: University
) -> None:
    """A stranger who tries passwords here never locks the account over there."""
    member = university.members[7]
    account_of(door, member)
    answers = [type_secret(client, door, member.login, f"faux {n}").status_code for n in range(12)]
    assert answers.count(200) < LOCKS_AFTER, "so many reached the server"
    assert answers[-1] == 429
    assert prove(door, member.login, PASSWORD)[1] == Proof.RIGHT


def test_an_owners_browser_is_not_kept_out_by_strangers(
    client: Client, door: Door, university: University
) -> None:
    """T-A6, though the subject is not what is typed."""
    member = university.members[8]
    account = account_of(door, member)
    type_secret(client, door, member.login)
    client.post("/deconnexion/")
    for _ in range(6):
        type_secret(Client(), door, member.login, "faux")
    assert type_secret(Client(), door, member.login).status_code == 429
    assert type_secret(client, door, member.login).status_code == 303
    assert who(client) == account.login


def test_what_the_password_policy_says_is_a_page(
    client: Client, door: Door, university: University
) -> None:
    member = university.members[9]
    account_of(door, member)
    change(university, member.dn, "add: pwdReset", "pwdReset: TRUE")
    page = type_secret(client, door, member.login)
    assert (page.status_code, who(client)) == (403, None)
    assert "Votre mot de passe est provisoire" in page.content.decode()
    wrong = type_secret(client, door, member.login, "faux")
    assert REFUSED in wrong.content.decode(), "only who knows the password reads so"


def test_the_next_server_answers_when_the_first_is_down(
    client: Client, door: Door, directory: LdapDirectory, university: University
) -> None:
    member = university.members[10]
    account = account_of(door, member)
    directory.servers = ["ldaps://127.0.0.1:1", *directory.servers]
    directory.save()
    assert type_secret(client, door, member.login).status_code == 303
    assert who(client) == account.login


def test_a_server_that_says_nothing_is_left_at_the_deadline_and_rests(
    client: Client, door: Door, directory: LdapDirectory, university: University
) -> None:
    account_of(door, university.student)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        directory.servers = [f"ldaps://127.0.0.1:{mute.getsockname()[1]}"]
        directory.deadline_seconds = 1
        directory.save()
        for _ in range(2):
            page = type_secret(client, door, university.student.login)
            assert page.status_code == 503
            assert "L’annuaire de l’université ne répond pas" in page.content.decode()
    health = DoorHealth.objects.get(door=door)
    assert health.closed_until is not None


def test_a_certificate_of_another_authority_is_refused(
    door: Door, directory: LdapDirectory, university: University
) -> None:
    directory.authorities = ""
    directory.save()
    with pytest.raises(LdapError) as refused:
        prove(door, university.student.login, PASSWORD)
    assert refused.value.fault in (LdapFault.TLS, LdapFault.UNREACHABLE)


def test_a_server_that_restarted_is_connected_to_again(
    door: Door, directory: LdapDirectory, tmp_path: Path
) -> None:
    """The connections that this process kept died with it."""
    [member] = people.invent(1, 0)
    port = free_port()
    for _ in range(2):
        with slapd.running(tmp_path / "slapd", people.entries([member]), port=port) as server:
            directory.servers, directory.authorities = [server.url], server.authority
            directory.save()
            assert prove(door, member.login, PASSWORD)[1] == Proof.RIGHT


def test_without_the_extra_the_door_says_what_is_missing(
    client: Client, door: Door, university: University
) -> None:
    with patch.dict("sys.modules", {"ldap": None}):
        page = type_secret(client, door, university.student.login)
        assert page.status_code == 503
        shown = administrator().post(f"/annuaire/administration/guichets/{door.code}/tester/")
    assert "libldap-dev, libsasl2-dev et gcc" in shown.content.decode()


def administrator() -> Client:
    person = make.make_person()
    make.give_role(person=person, role=Role.ENT_ADMINISTRATOR)
    desk = Client()
    desk.force_login(make.make_account(person=person))
    mark_verified(desk)
    return desk


@pytest.mark.parametrize(
    ("change_of", "words"),
    [
        ({}, "La liaison fonctionne"),
        ({"base": "dc=ailleurs,dc=fr"}, DoorFault.NO_BASE.label),
        ({"reader_dn": "cn=personne,dc=univ-demo,dc=fr"}, DoorFault.READER.label),
        ({"decoy_dn": "cn=absent,dc=univ-demo,dc=fr"}, "Elle n’existe pas"),
        ({"servers": ["ldaps://127.0.0.1:1"]}, DoorFault.REFUSED.label),
    ],
)
def test_the_desk_tries_the_directory_and_explains(
    door: Door, directory: LdapDirectory, change_of: dict[str, object], words: str
) -> None:
    LdapDirectory.objects.update(**change_of)
    page = administrator().post(f"/annuaire/administration/guichets/{door.code}/tester/")
    assert words in page.content.decode()


def test_a_filter_that_finds_nobody_is_told(door: Door) -> None:
    LdapDoor.objects.update(restriction="(uid=personne)")
    page = administrator().post(f"/annuaire/administration/guichets/{door.code}/tester/")
    assert "n’en trouve aucune" in page.content.decode()


def test_the_desk_adds_a_university_and_keeps_its_password_locked(
    door: Door, directory: LdapDirectory, university: University
) -> None:
    desk = administrator()
    authority = make.make_authority(code="UNIV2", kind="universite")
    values = {
        "label": "de l’université d’à côté",
        "code": "cote",
        "authority": authority.pk,
        "audiences": ["etudiant"],
        "position": 1,
        "is_open": "on",
        "servers": university.server.url,
        "authorities": university.server.authority,
        "base": directory.base,
        "reader_dn": directory.reader_dn,
        "reader_password": "lecteur de demonstration",
        "decoy_dn": directory.decoy_dn,
        "key_attribute": "entryUUID",
        "state_attribute": "supannRessourceEtat",
        "login_attributes": "uid",
        "restriction": "(uid=*",
        "people_filter": "(objectClass=inetOrgPerson)",
        "deadline_seconds": 4,
    }
    address = "/annuaire/administration/guichets/ajouter/?nature=ldap"
    assert "Un filtre LDAP entier" in desk.post(address, values).content.decode()
    values["restriction"] = "(uid=*)"
    values["audiences"] = ["eleve-parent"]
    assert "Étudiants, enseignants" in desk.post(address, values).content.decode()
    values["audiences"] = ["etudiant"]
    saved = desk.post(address, values)
    assert saved.status_code == 302, saved.content.decode()
    made = LdapDirectory.objects.get(authority=authority)
    assert b"lecteur" not in bytes(made.locked_password)
    assert made.settings.reader_password == "lecteur de demonstration"
    values.update(reader_password="", label="d’à côté")
    assert desk.post("/annuaire/administration/guichets/cote/", values).status_code == 302
    made.refresh_from_db()
    assert made.settings.reader_password == "lecteur de demonstration"


def test_the_choice_shows_students_only_where_a_university_is(client: Client, db: None) -> None:
    make.make_authority()
    assert "Étudiant" not in client.get("/connexion/").content.decode()


def test_the_choice_shows_students_where_a_university_is(client: Client, door: Door) -> None:
    page = client.get("/connexion/").content.decode()
    assert "Étudiant" in page
    assert "de l’université de démonstration" in page
    chosen = client.post(
        "/connexion/", {"profil": "etudiant", "guichet-etudiant": door.code, "memoriser": "non"}
    )
    assert chosen.headers["Location"].startswith(f"/connexion/{door.code}/")


@pytest.mark.parametrize(
    ("states", "opens"),
    [
        ((), True),
        (("{COMPTE}A",), True),
        (("{COMPTE}A:SupannActif",), True),
        (("{compte}a:supannsursis",), True),
        (("{COMPTE}A:SupannAnticipe",), False),
        (("{COMPTE}I:SupannInactif",), False),
        (("{COMPTE}S",), False),
        (("{MAIL}S", "{COMPTE}A"), True),
        (("{COMPTE}X",), False),
    ],
)
def test_the_state_of_an_entry_opens_or_closes(states: tuple[str, ...], opens: bool) -> None:
    assert is_open(states) is opens


def test_a_filter_holds_no_sign_of_what_is_typed() -> None:
    assert equals("uid", "a*(é)\\\0") == "(uid=a\\2a\\28\\c3\\a9\\29\\5c\\00)"
    forget_connections()
