"""A first import fills empty tables without their indexes, and leaves these as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from directory.enums import DeliveryState
from directory.imports.application import empty_tables as filling
from directory.imports.runs.sequence import run_import
from directory.models import Affiliation, Membership, Person, Record
from ent.database.connections import connection_parameters
from tests.directory.imports.conftest import Importer
from tests.directory.imports.deliveries import small_school
from tests.factories import make_authority

FILLED = ("directory_person", "directory_record", "directory_membership", "accounts_account")


def indexes() -> tuple[set[tuple[Any, ...]], set[int]]:
    """What indexes and constraints the filled tables have, and the files of the former."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT x.indrelid::regclass::text, pg_get_indexdef(x.indexrelid), x.indisvalid,
                x.indisready, c.conname, c.contype, pg_get_constraintdef(c.oid), x.indexrelid
            FROM pg_index x LEFT JOIN pg_constraint c
              ON c.conindid = x.indexrelid AND c.contype IN ('p', 'u')
            WHERE x.indrelid = ANY(%s::regclass[])""",
            [list(FILLED)],
        )
        found = cursor.fetchall()
    return {row[:-1] for row in found}, {row[-1] for row in found}


@pytest.fixture(autouse=True)
def from_the_first_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "FILL_FROM", 1)


@pytest.mark.django_db
def test_indexes_and_constraints_are_afterwards_what_they_were(deliver: Importer) -> None:
    definitions, files = indexes()
    assert deliver(small_school()).state == DeliveryState.APPLIED
    after, rebuilt = indexes()
    assert after == definitions
    assert len(files - rebuilt) > 10  # they were put aside indeed
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname LIKE 'affiliation_%'")
        assert cursor.fetchall() == [("A",)] * 3
    assert Person.objects.filter(search_key__contains="martin").count() == len(
        [person for person in Person.objects.all() if "martin" in person.search_key]
    )


@pytest.mark.django_db
def test_what_is_filled_is_what_is_inserted_with_indexes_in_place(
    deliver: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counts() -> list[int]:
        return [model.objects.count() for model in (Person, Record, Affiliation, Membership)]

    deliver(small_school())
    filled = counts()
    Record.objects.all().delete()
    Person.objects.all().delete()
    monkeypatch.setattr(filling, "FILL_FROM", 10**9)
    deliver(small_school().copy(date="20260902"))
    assert counts() == filled


@pytest.mark.django_db(transaction=True)
def test_a_table_in_use_keeps_its_indexes_and_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "LOCK_TIMEOUT", "50ms")
    academy = make_authority(code="NANCY-METZ")
    folder = small_school().write(tmp_path / "delivery")
    _, files = indexes()
    with psycopg.connect(**connection_parameters()) as reader:
        reader.execute("SELECT count(*) FROM directory_person")
        assert run_import(paths=[folder], authority=academy).state == DeliveryState.APPLIED
        assert reader.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    assert indexes()[1] == files


@pytest.mark.django_db
def test_a_second_import_puts_nothing_aside(deliver: Importer) -> None:
    """Readers never wait where there is something to read."""
    deliver(small_school())
    _, files = indexes()
    delivery = small_school(pupils=30).copy(date="20260902")
    assert deliver(delivery).delivery.counters["created"] > 0
    assert indexes()[1] == files
