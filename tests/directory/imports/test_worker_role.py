"""An import as the role of the workers: it stages, and puts checks and indexes aside."""

from __future__ import annotations

import pytest

from directory.enums import DeliveryState
from directory.imports.application import empty_tables
from directory.models import Person
from ent.database.roles import Roles
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import small_school
from tests.kit.roles import connected_as


@pytest.mark.django_db(transaction=True)
def test_an_import_runs_as_the_worker(
    roles: Roles, deliver: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(empty_tables, "FILL_FROM", 1)
    with connected_as(roles.worker):
        assert deliver(small_school()).state == DeliveryState.APPLIED
        assert deliver(small_school(pupils=2)).state != DeliveryState.ABANDONED
    assert Person.objects.exists()
