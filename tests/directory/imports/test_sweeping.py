"""Nothing in clear outlives an import: neither its staging nor the files that it opened."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from directory.imports import staging
from directory.imports.runs import sweeping
from directory.imports.runs.locks import authority_lock
from directory.imports.staging import create_schema, schema_name
from directory.models import Authority
from ent.jobs.errors import JobCancelled
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import small_school
from tests.factories import make_authority

pytestmark = pytest.mark.django_db


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'staging%%'")
        return {row[0] for row in cursor.fetchall()}


def temporary_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()")
        return {row[0] for row in cursor.fetchall()}


@pytest.fixture
def own_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stage as a large delivery is staged."""
    monkeypatch.setattr(staging, "SMALL_BYTES", 0)


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("size", ["small", "large"])
def test_no_staging_remains_after_an_import(
    deliver: Importer, preview: bool, size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if size == "large":
        monkeypatch.setattr(staging, "SMALL_BYTES", 0)
    deliver(small_school(), preview=preview)
    assert schemas() == temporary_tables() == set()


def test_a_run_drops_what_killed_runs_of_its_authority_left(
    deliver: Importer, academy: Authority
) -> None:
    """And each run has a name of its own: an orphan reader of another finds no table."""
    create_schema(schema_name(academy.pk, 7))
    create_schema(schema_name(academy.pk + 1, 7))
    deliver(small_school())
    assert schemas() == {schema_name(academy.pk + 1, 7)}


@pytest.mark.usefixtures("own_schema")
def test_no_staging_remains_after_a_cancelled_import(deliver: Importer) -> None:
    def cancel(step: str, done: int, total: int) -> None:
        if step == "Différences":
            assert schemas()
            raise JobCancelled

    with pytest.raises(JobCancelled):
        deliver(small_school(), progress=cancel)
    assert schemas() == set()


def test_the_staging_of_a_killed_import_goes_and_that_of_a_running_one_stays() -> None:
    dead, alive = make_authority(code="NANCY-METZ"), make_authority(code="REIMS")
    create_schema(schema_name(dead.pk, 1))
    create_schema(schema_name(alive.pk, 2))
    with authority_lock(alive.pk):
        sweeping.sweep_left_overs()
        assert schemas() == {schema_name(alive.pk, 2)}
    sweeping.sweep_left_overs()
    assert schemas() == set()


@pytest.fixture
def private_place(settings: object, tmp_path: Path) -> Iterator[Path]:
    settings.VAR_DIR = str(tmp_path)  # type: ignore[attr-defined]
    folder = tmp_path / "imports"
    folder.mkdir()
    yield folder


def test_private_folders_of_killed_imports_go_after_a_day(private_place: Path) -> None:
    old, new = private_place / "depot-old", private_place / "livraison-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "eleves.xml").write_text("x")
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    assert sweeping.sweep_left_overs() == 1
    assert not old.exists()
    assert new.exists()
