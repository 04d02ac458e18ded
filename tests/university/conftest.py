"""A university, its directory and the door of its students."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from accounts.enums import AccountKind, AccountState, Audience, DoorKind, MatchOn
from accounts.models import Account, Door, LdapDoor
from demo.university import slapd
from demo.university.people import Member
from directory.enums import AuthorityKind, Category, Degree, Profile
from directory.models import LdapDirectory, Record
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.kit.slapd import University


@pytest.fixture
def own_places(settings: Settings, tmp_path: Path) -> None:
    """Places of this test alone: their lock files lie in a folder of its own."""
    settings.VAR_DIR = tmp_path
    settings.DOOR_PLACES = settings.DOORS_PLACES = 50


@pytest.fixture
def directory(db: None, university: University) -> LdapDirectory:
    """How the test's server is reached."""
    directory = LdapDirectory(
        authority=make.make_authority(
            code="UNIV", name="Université de démonstration", kind=AuthorityKind.UNIVERSITY
        ),
        servers=[university.server.url],
        authorities=university.server.authority,
        base=slapd.BASE,
        reader_dn=slapd.READER_DN,
        decoy_dn=slapd.DECOY_DN,
        key_attribute="entryUUID",
        state_attribute="supannRessourceEtat",
        uai="0541999U",
    )
    directory.lock_password(slapd.READER_PASSWORD)
    directory.save()
    return directory


@pytest.fixture
def door(directory: LdapDirectory, own_places: None) -> Door:
    """The open door of its students."""
    no_terms()
    door = Door.objects.create(
        code="univ-etudiants",
        authority=directory.authority,
        label="de l’université de démonstration",
        kind=DoorKind.LDAP,
        audiences=[Audience.STUDENT.value],
        match_on=MatchOn.JOIN_KEY,
        match_attribute=directory.key_attribute,
    )
    LdapDoor.objects.create(
        door=door,
        login_attributes=["uid", "supannAliasLogin", "mail"],
        restriction="(eduPersonPrimaryAffiliation=student)",
    )
    return door


def account_of(door: Door, member: Member, **fields: object) -> Account:
    """What the feed makes of an entry: a person, a record under its key, an account."""
    assert door.authority is not None
    person = make.make_person(
        profile=Profile.STUDENT, given_name=member.given_name, family_name=member.family_name
    )
    Record.objects.create(
        person=person,
        authority=door.authority,
        degree=Degree.SECOND,
        category=Category.STAFF,
        external_id=member.key,
        **fields,
    )
    return make.make_account(person=person, kind=AccountKind.ACADEMIC, state=AccountState.PENDING)
