"""Fixtures of the imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from directory.imports.runs.sequence import run_import
from directory.imports.runs.state import ImportOutcome
from directory.models import Authority
from tests.directory.imports.deliveries import Delivery
from tests.factories import make_authority

Importer = Callable[..., ImportOutcome]

TABLES = (
    "directory_school",
    "directory_person",
    "directory_record",
    "directory_group",
    "directory_membership",
    "directory_affiliation",
    "directory_responsibility",
    "directory_subject",
    "directory_mef",
    "directory_teaching",
    "directory_rolegrant",
    "accounts_account",
    "accounts_activationcode",
)


def row_versions() -> dict[str, list[tuple[Any, ...]]]:
    """Key and version (``xmin``) of every row that an import may write."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            key = "account_id" if table == "accounts_activationcode" else "id"
            cursor.execute(f"SELECT {key}, xmin::text, ctid::text FROM {table} ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


@pytest.fixture
def academy() -> Authority:
    """The academy that delivers."""
    return make_authority(code="NANCY-METZ")


@pytest.fixture
def deliver(academy: Authority, tmp_path: Path) -> Importer:
    """Write a delivery and import it."""

    def run(delivery: Delivery | Path, **options: Any) -> ImportOutcome:
        path = delivery if isinstance(delivery, Path) else delivery.write(tmp_path / "delivery")
        return run_import(paths=[path], authority=options.pop("authority", academy), **options)

    return run


@pytest.fixture(params=["cut", "whole"])
def both_readers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test twice: files that are cut, unchanged objects unread, and files read whole."""
    monkeypatch.setattr(Delivery, "hides_an_end", request.param == "whole")
