"""What the tests of single sign-on share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from directory.models import Person
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.sso.kit import Browser


@pytest.fixture
def pupil(db: None) -> Person:
    """A pupil with an active account and no terms to accept."""
    no_terms()
    person = make.make_person(
        given_name="Manon", family_name="Élève", school=make.make_school(name="Collège du Parc")
    )
    make.make_account(person=person, login="manon.eleve")
    return person


@pytest.fixture
def browser_of() -> Callable[[Person | None], Browser]:
    """A browser where the person signed in a moment ago (nobody: a fresh one)."""

    def sign_in(person: Person | None) -> Browser:
        client = Client()
        if person is not None:
            client.force_login(person.account)
        return Browser(client)

    return sign_in
