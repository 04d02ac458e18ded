"""The standing cast itself: what every other test takes for granted."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from directory.models import Person, RoleGrant
from tests.cast import Cast


def test_everybody_of_the_cast_has_an_active_account(cast: Cast) -> None:
    for person in Person.objects.all():
        assert person.account.is_active
        assert person.login == person.account.login


def test_the_parent_of_two_belongs_to_both_schools(cast: Cast) -> None:
    schools = {link.school for link in cast.parent.affiliations.all()}
    assert schools == {cast.school_a, cast.school_b}


def test_every_role_of_the_cast_is_in_force(cast: Cast) -> None:
    assert RoleGrant.objects.in_force().count() == RoleGrant.objects.count() == 8


def test_a_client_is_signed_in_as_the_person_asked_for(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    assert "_auth_user_id" in client_of(cast.pupil).session
