"""What the tests of single sign-on share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from directory.models import Person
from tests import factories as make
from tests.sso.kit import Browser
from tests.sso.proxying import Callbacks
from tests.sso.realm_kits import RealmKit, realm_kit


@pytest.fixture
def realm() -> RealmKit:
    """The realm that this process serves."""
    return realm_kit()


@pytest.fixture
def pupil(db: None, realm: RealmKit) -> Person:
    """A pupil who may sign in, with nothing to do before."""
    person = make.make_person(
        given_name="Manon", family_name="Élève", school=make.make_school(name="Collège du Parc")
    )
    realm.admit(person, "manon.eleve")
    return person


@pytest.fixture
def browser_of(db: None, realm: RealmKit) -> Callable[[Person | None], Browser]:
    """A browser where the person signed in a moment ago (nobody: a fresh one)."""
    realm.prepare()

    def sign_in(person: Person | None) -> Browser:
        client = Client()
        if person is not None:
            realm.sign_in(client, person)
        return Browser(client)

    return sign_in


@pytest.fixture
def callbacks(monkeypatch: pytest.MonkeyPatch) -> Callbacks:
    """A callback that answers 200 and notes what it was sent."""
    return Callbacks(monkeypatch)
