"""An academy that is a stand-in, its door, and one teacher of its feed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
def own_places(settings: Settings, tmp_path: Path) -> None:
    """Places of this test alone: their lock files lie in a folder of its own."""
    settings.VAR_DIR = tmp_path
    settings.DOOR_PLACES = settings.DOORS_PLACES = 50


@pytest.fixture
def door(db: None, academy: StandIn, own_places: None) -> Door:
    """The open door of the academy of Nancy-Metz."""
    no_terms()
    return academic_door(make.make_authority(code="NANCY-METZ"), academy.url)


@pytest.fixture
def account(door: Door) -> Account:
    """Jeanne Dupont, teacher, who never came in."""
    assert door.authority is not None
    school = make.make_school(authority=door.authority)
    return academic_account(school, email="Jeanne.Dupont@ac-nancy-metz.example")
