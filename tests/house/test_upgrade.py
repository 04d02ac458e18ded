"""A database of an earlier Préau migrates in place and loses nothing.

Each dump of `dumps/` is restored and today's migrations run on it. What a migration takes away or
rewrites on purpose is named in `ON_PURPOSE`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.management import call_command
from django.db import Error, connection
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from ent.audit.chain import seal_journal, verify_journal
from ent.audit.enums import Act
from ent.audit.models import AuditEvent
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.files.reading import read_file
from ent.sealing.keys import forget_loaded_keys
from tests import factories as make
from tests.accounts.signing import sign_in
from tests.house.dump import dump_names, restore, write_keys
from tests.house.rows import FILE_TEXT, LOGIN
from tests.kit.database import empty_database
from tests.kit.journal import seal_events

#: « table » or « table.column » that a later migration drops or rewrites, and why nothing is lost.
ON_PURPOSE: Final[Mapping[str, str]] = {
    "portal_newsitem.body": "the light writing becomes HTML, word for word (portal 0003)",
    "portal_schoolpage.introduction": "the same",
}

#: A restored condition casts each word of a list, a new one casts the list: they say the same.
_WRITTEN_EITHER_WAY: Final = re.compile(r"[()]|::(?:character varying|text)(?:\[\])?")

Rows = dict[str, dict[str, dict[str, Any]]]
"""By table and primary key, the columns."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A restored database after today's migrations: what it held, and what it holds."""

    before: Rows
    after: Rows
    schema: frozenset[str]
    schema_of_new: frozenset[str]


@pytest.fixture(scope="module", params=dump_names())
def upgraded(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Upgraded]:
    """Today's code on the database of that dump, for all tests of this module."""
    with django_db_blocker.unblock():
        schema_of_new = read_schema()
        with empty_database("upgrade"):
            restore(request.param)
            before = read_rows()
            call_command("migrate", verbosity=0, interactive=False)
            yield Upgraded(
                before=before,
                after=read_rows(),
                schema=read_schema(),
                schema_of_new=schema_of_new,
            )


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """The keys of the dumps."""
    settings.KEYS_DIR = tmp_path / "keys"
    write_keys(settings.KEYS_DIR)
    forget_loaded_keys()
    yield
    forget_loaded_keys()


def test_the_dump_has_rows_in_every_table_and_a_value_in_every_column(upgraded: Upgraded) -> None:
    assert [table for table, rows in upgraded.before.items() if not rows] == []
    empty = [
        f"{table}.{column}"
        for table, rows in upgraded.before.items()
        for column in next(iter(rows.values()))
        if all(row[column] in (None, "", [], {}) for row in rows.values())
    ]
    assert empty == []


def test_no_row_and_no_value_is_lost(upgraded: Upgraded) -> None:
    lost = []
    for table, rows in upgraded.before.items():
        if table in ON_PURPOSE:
            continue
        now = upgraded.after.get(table, {})
        for key, row in rows.items():
            if key not in now:
                lost.append(f"{table} {key}")
                continue
            lost += [
                f"{table}.{column} of {key}: {value!r} became {now[key].get(column)!r}"
                for column, value in row.items()
                if f"{table}.{column}" not in ON_PURPOSE
                and (column not in now[key] or now[key][column] != value)
            ]
    assert lost == []


def test_an_upgraded_database_is_built_like_a_new_one(upgraded: Upgraded) -> None:
    assert sorted(upgraded.schema ^ upgraded.schema_of_new) == []


def test_no_migration_is_missing(upgraded: Upgraded) -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_new_rows_get_numbers_of_their_own(upgraded: Upgraded) -> None:
    behind = [
        f"{table}.{column}: {last} after {greatest}"
        for table, column, last, greatest in read_sequences()
        if greatest > last
    ]
    assert behind == []
    make.make_person(school=make.make_school(uai="0548888Y"))


def test_somebody_of_the_dump_signs_in(upgraded: Upgraded, keys: None) -> None:
    assert sign_in(Client(), LOGIN, make.PASSWORD).status_code == 303
    assert sign_in(Client(), LOGIN, make.PASSWORD + "x").status_code != 303


def test_the_journal_verifies_and_goes_on(upgraded: Upgraded, keys: None) -> None:
    seal_journal()  # on another server the numbers of transactions may begin again lower
    assert list(verify_journal()) == []
    event = record(act=Act.PERSON_VIEWED)
    assert seal_events(1) >= 1
    assert list(verify_journal()) == []
    for change in ("UPDATE audit_auditevent SET act = ''", "DELETE FROM audit_auditevent"):
        with pytest.raises(Error, match="append-only"), connection.cursor() as cursor:
            cursor.execute(change)
    assert AuditEvent.objects.filter(uuid=event).exists()


def test_a_file_of_the_dump_opens(upgraded: Upgraded, keys: None) -> None:
    file = StoredFile.objects.get(name="liste.csv")
    assert b"".join(read_file(file)).decode() == FILE_TEXT


def read_rows() -> Rows:
    """Return every row of every table of the current database."""
    rows: Rows = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
            WHERE c.relnamespace = 'public'::regnamespace
              AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            GROUP BY c.relname ORDER BY c.relname
            """
        )
        for table, columns in cursor.fetchall():
            key = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f"""SELECT concat_ws(' ', {key}), to_jsonb(t)::text FROM "{table}" t""")
            rows[table] = {key: json.loads(row) for key, row in cursor.fetchall()}
    return rows


def read_schema() -> frozenset[str]:
    """Return what the current database is built of, but for the journal's months."""
    with connection.cursor() as cursor:
        cursor.execute(
            r"""
            WITH ours AS (
                SELECT oid, relname, relkind FROM pg_class
                WHERE relnamespace = 'public'::regnamespace
                  AND relname !~ '^audit_auditevent_m\d{6}')
            SELECT format('column %s.%s %s %s %s %s %s %s', c.relname, a.attname,
                          format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                          a.attgenerated, a.attstorage, pg_get_expr(d.adbin, d.adrelid))
            FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            WHERE c.relkind IN ('r', 'p') AND NOT a.attisdropped
            UNION ALL
            SELECT format('constraint %s %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
            FROM ours c JOIN pg_constraint k ON k.conrelid = c.oid
            UNION ALL
            SELECT pg_get_indexdef(i.indexrelid) FROM ours c JOIN pg_index i ON i.indexrelid = c.oid
            UNION ALL
            SELECT format('trigger %s %s', t.tgenabled, pg_get_triggerdef(t.oid))
            FROM ours c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
            UNION ALL
            SELECT format('sequence %s %s', c.relname, s.seqtypid::regtype)
            FROM ours c JOIN pg_sequence s ON s.seqrelid = c.oid
            UNION ALL
            SELECT format('partition %s of %s', c.relname, h.inhparent::regclass)
            FROM ours c JOIN pg_inherits h ON h.inhrelid = c.oid WHERE c.relkind = 'r'
            UNION ALL
            SELECT pg_get_functiondef(p.oid) FROM pg_proc p
            WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
            UNION ALL
            SELECT format('extension %s', extname) FROM pg_extension
            """
        )
        return frozenset(_WRITTEN_EITHER_WAY.sub("", line) for (line,) in cursor.fetchall())


def read_sequences() -> list[tuple[str, str, int, int]]:
    """Return table, column, last number drawn and greatest number in use of each sequence."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.relname, a.attname, s.relname
            FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
            JOIN pg_class t ON t.oid = d.refobjid
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
            WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace
            """
        )
        for table, column, sequence in cursor.fetchall():
            cursor.execute(
                f"SELECT last_value - (NOT is_called)::int,"
                f' (SELECT coalesce(max("{column}"), 0) FROM "{table}") FROM "{sequence}"'
            )
            found.append((table, column, *cursor.fetchone()))
    return found
