"""An academy that is a stand-in, its door, and one teacher of its feed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from accounts.models import Account, Door
from tests import factories as make
from tests.accounts.academy import StandIn, academic_account, academic_door, stand_in
from tests.accounts.signing import no_terms


@pytest.fixture
def academy() -> Iterator[StandIn]:
    """A CAS server that answers as told."""
    with stand_in() as running:
        yield running


@pytest.fixture
def door(db: None, academy: StandIn, settings: Settings) -> Door:
    """The open door of the academy of Nancy-Metz; its places are this process's own."""
    settings.DOOR_PLACES = settings.DOORS_PLACES = 50
    no_terms()
    return academic_door(make.make_authority(code="NANCY-METZ"), academy.url)


@pytest.fixture
def account(door: Door) -> Account:
    """Jeanne Dupont, teacher, who never came in."""
    assert door.authority is not None
    school = make.make_school(authority=door.authority)
    return academic_account(school, email="Jeanne.Dupont@ac-nancy-metz.example")
