"""A university's directory read into ours: the import's own staging, guard and report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Account, ActivationCode, Door
from demo.university import people, slapd
from directory.enums import DeliveryState, Profile
from directory.imports.university.services import read_directory
from directory.models import Delivery, Group, LdapDirectory, Membership, Person, Record
from ent.ldap.client import forget_connections
from tests.accounts.academy import who
from tests.university.test_ldap_door import type_secret

pytestmark = pytest.mark.django_db
MEMBERS = people.invent(24, 4)


@pytest.fixture
def server(directory: LdapDirectory, tmp_path: Path) -> Iterator[slapd.Slapd]:
    """A server of the test's own, whose entries it may delete."""
    with slapd.running(tmp_path / "slapd", people.entries(MEMBERS)) as server:
        directory.servers, directory.authorities = [server.url], server.authority
        directory.save()
        yield server
    forget_connections()


def counters(delivery: Delivery) -> list[int]:
    """Created, changed, leaving."""
    return [delivery.counters[name] for name in ("created", "changed", "leaving")]


def test_a_university_is_read_and_its_people_come_in(
    server: slapd.Slapd, directory: LdapDirectory, door: Door, client: Client
) -> None:
    outcome = read_directory(directory)
    assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
    assert Person.objects.filter(profile=Profile.STUDENT).count() == 24
    assert Person.objects.filter(profile=Profile.STAFF).count() == 4
    member = MEMBERS[0]
    person = Record.objects.get(external_id=member.key).person
    assert person is not None
    assert (person.family_name, person.given_name) == (member.family_name, member.given_name)
    assert person.birth_date is not None
    assert person.birth_date.isoformat() == member.born
    assert set(Membership.objects.filter(person=person).values_list("group__code", flat=True)) == {
        member.programme,
        member.component,
    }
    assert not ActivationCode.objects.exists(), "the university knows their passwords"
    assert type_secret(client, door, member.login).status_code == 303
    assert who(client) == Account.objects.get(person=person).login


def test_what_did_not_change_is_not_written_again(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    read_directory(directory)
    again = read_directory(directory)
    assert (again.state, counters(again.delivery)) == (DeliveryState.APPLIED, [0, 0, 0])
    assert again.delivery.counters["unchanged"] >= 28
    member = MEMBERS[1]
    server.modify(
        f"dn: {member.dn}\nchangetype: modify\nreplace: sn\nsn: O'*)(Marié $1 <b>&\\\\00\n"
    )
    changed = read_directory(directory)
    assert counters(changed.delivery) == [0, 1, 0]
    person = Record.objects.get(external_id=member.key).person
    assert person is not None
    assert person.family_name.startswith("O'*)(Mari")
    assert "<b>&" in person.family_name


def test_who_is_no_longer_there_leaves_and_many_are_held(
    server: slapd.Slapd, directory: LdapDirectory
) -> None:
    read_directory(directory)
    gone = MEMBERS[2]
    server.modify(f"dn: {gone.dn}\nchangetype: delete\n")
    one = read_directory(directory)
    assert (one.state, counters(one.delivery)) == (DeliveryState.APPLIED, [0, 0, 1])
    assert Record.objects.get(external_id=gone.key).person.left_at is not None  # type: ignore[union-attr]
    for member in MEMBERS[3:20]:
        server.modify(f"dn: {member.dn}\nchangetype: delete\n")
    held = read_directory(directory)
    assert held.state == DeliveryState.HELD
    assert Person.objects.filter(left_at__isnull=False).count() == 1
    confirmed = read_directory(directory, confirmed_count=17)
    assert confirmed.state == DeliveryState.APPLIED


def test_whoever_has_no_key_is_reported(server: slapd.Slapd, directory: LdapDirectory) -> None:
    """Nobody is left out in silence."""
    directory.key_attribute = "supannEtuId"  # the staff has none
    directory.save()
    outcome = read_directory(directory)
    assert outcome.state == DeliveryState.APPLIED, outcome.delivery.refusal
    said = outcome.delivery.anomalies.filter(code="bad_id")
    assert said.count() == sum(not member.is_student for member in MEMBERS)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"base": "dc=ailleurs,dc=fr"}, "n’existe pas ou n’est plus visible"),
        ({"servers": ["ldaps://127.0.0.1:1"]}, "n’est pas joignable"),
        ({"reader_dn": f"cn=personne,{slapd.BASE}"}, "refuse le compte de lecture"),
        ({"people_filter": "(uid=personne)"}, "aucun objet"),
    ],
)
def test_an_answer_that_is_not_whole_changes_nobody(
    server: slapd.Slapd, directory: LdapDirectory, broken: dict[str, object], words: str
) -> None:
    read_directory(directory)
    for name, value in broken.items():
        setattr(directory, name, value)
    refused = read_directory(directory)
    assert refused.state == DeliveryState.REFUSED
    assert words in refused.delivery.refusal
    assert not Person.objects.filter(left_at__isnull=False).exists()


def test_a_size_limit_refuses_the_reading(directory: LdapDirectory, tmp_path: Path) -> None:
    """The reader of this server may read ten entries: nobody leaves because of the others."""
    folder = tmp_path / "slapd"
    with slapd.running(folder, people.entries(MEMBERS)) as server:
        directory.servers, directory.authorities = [server.url], server.authority
        directory.save()
        read_directory(directory)
    with slapd.running(folder, (), reads_at_most=10) as server:
        directory.servers = [server.url]
        refused = read_directory(directory)
    assert refused.state == DeliveryState.REFUSED
    assert "limite le nombre de réponses" in refused.delivery.refusal
    assert Person.objects.filter(left_at=None).count() == len(MEMBERS)


def test_the_command_previews_and_applies(
    server: slapd.Slapd, directory: LdapDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_ldap", "univ", preview=True)
    assert not Person.objects.exists()
    call_command("import_ldap", "univ")
    assert "28" in capsys.readouterr().out
    assert Group.objects.filter(kind="classe").exists()
