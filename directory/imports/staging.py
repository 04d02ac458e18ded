"""The staging of one run: created empty, filled by the readers, dropped at the end.

A small delivery is staged in temporary tables, which go with the connection. Others need tables
that the reader processes see: a schema per run, so that a reader whose run was killed finds no
table to write to; the next import of the authority drops what is left. These tables are unlogged:
they cost a third less and nobody needs them after a crash.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from django.db import connection

from directory.imports.layouts.aaf.common.file_names import DELTA
from directory.imports.layouts.aaf.common.packages import OpenDelivery
from directory.imports.layouts.aaf.reading import Counts, FileOrder, run_pass
from directory.imports.layouts.errors import DeliveryRefused
from directory.imports.sql.loader import TEMPORARY, for_schema
from directory.imports.tables import staging_tables
from ent.database.connections import connection_parameters

OWN_PROCESS_BYTES = 8 * 1024 * 1024
"""Below this a delivery is read in this process: starting another takes longer."""
POLITE_NICE = 10
SMALL_BYTES = 256 * 1024
"""Below this temporary tables hold everything: making them takes a third of the time."""

ReadProgress = Callable[[int, int], None]


def schema_name(authority_id: int, delivery_id: int) -> str:
    """Name of the staging schema of one run of an authority."""
    return f"staging_{int(authority_id)}_{int(delivery_id)}"


def schema_for(authority_id: int, delivery_id: int, *, size: int) -> str:
    """Where a delivery of *size* bytes is staged."""
    return TEMPORARY if size < SMALL_BYTES else schema_name(authority_id, delivery_id)


def create_schema(schema: str) -> None:
    """Make an empty staging, whatever an earlier try of this run left there."""
    drop_schema(schema)
    statements = [] if schema == TEMPORARY else [f"CREATE SCHEMA {schema}"]
    statements += [
        for_schema(f"CREATE UNLOGGED TABLE {schema}.{table} ({', '.join(columns)})", schema=schema)
        for table, columns in staging_tables().items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(statements))


def drop_schema(schema: str) -> None:
    """Drop a staging and everything in it."""
    with connection.cursor() as cursor:
        if schema == TEMPORARY:
            cursor.execute("DISCARD TEMP")
        else:
            cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def left_schemas(authority_id: int | None = None) -> dict[str, int]:
    """The staging schemas of an authority, or of all: name → authority."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname, split_part(nspname, '_', 2)::int FROM pg_namespace"
            " WHERE nspname ~ '^staging_[0-9]+(_[0-9]+)?$'"
        )
        found = dict(cursor.fetchall())
    return {
        name: authority
        for name, authority in found.items()
        if authority_id is None or authority == authority_id
    }


def analyze(schema: str, tables: Sequence[str]) -> None:
    """Tell the planner what was loaded."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(f'{schema}.{table}' for table in tables)}")


def file_orders(delivery: OpenDelivery, *, degree: str, whole: set[int]) -> list[FileOrder]:
    """The files as orders for readers, numbered in reading order from 1."""
    is_delta = delivery.mode == DELTA
    return [
        FileOrder(
            number, str(file.path), file.name, degree, file.category, number in whole, is_delta
        )
        for number, file in enumerate(delivery.files, start=1)
    ]


def run_readers(
    kind: str,
    orders: list[FileOrder],
    *,
    schema: str,
    size: int,
    polite: bool,
    progress: ReadProgress,
) -> Counts:
    """Run one pass with as many processes as fit: none for a small delivery, one or two."""
    if connection.in_atomic_block or size < OWN_PROCESS_BYTES or kind == "changed_here":
        connection.ensure_connection()
        return run_pass(
            "changed" if kind == "changed_here" else kind,
            orders,
            connection.connection,
            schema,
            progress=lambda _done: None,
        )
    return _run_processes(
        kind, _share(orders, 1 if polite else 2), schema=schema, polite=polite, progress=progress,
        size=size,
    )  # fmt: skip


def _share(orders: list[FileOrder], processes: int) -> list[list[FileOrder]]:
    """Deal the files out by size, biggest first."""
    shares: list[list[FileOrder]] = [[] for _ in range(processes)]
    sizes = [0] * processes
    for order in sorted(orders, key=lambda o: -Path(o.path).stat().st_size):
        least = sizes.index(min(sizes))
        shares[least].append(order)
        sizes[least] += Path(order.path).stat().st_size
    return [sorted(share, key=lambda o: o.number) for share in shares if share]


def _run_processes(
    kind: str,
    shares: list[list[FileOrder]],
    *,
    schema: str,
    polite: bool,
    progress: ReadProgress,
    size: int,
) -> Counts:
    project = str(Path(__file__).resolve().parents[2])
    readers: list[subprocess.Popen[str]] = []
    counts = Counts()
    selector = selectors.DefaultSelector()
    try:
        for share in shares:
            reader = subprocess.Popen(
                [sys.executable, "-m", "directory.imports.layouts.aaf.reading"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=project,
            )
            readers.append(reader)
            assert reader.stdin is not None and reader.stdout is not None  # noqa: S101
            json.dump(
                {
                    "kind": kind,
                    "schema": schema,
                    "nice": POLITE_NICE if polite else 0,
                    "connection": connection_parameters(),
                    "files": [asdict(order) for order in share],
                },
                reader.stdin,
            )
            reader.stdin.write("\n")
            reader.stdin.close()
            selector.register(reader.stdout, selectors.EVENT_READ, reader)
        done = 0
        finished = 0
        while selector.get_map():
            for key, _events in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                if not line:
                    selector.unregister(key.fileobj)
                    continue
                message = json.loads(line)
                if "refusal" in message:
                    code, text, file, number = message["refusal"]
                    raise DeliveryRefused(code, text, file=file, line=number)
                if "counts" in message:
                    counts.add(Counts.from_json(message["counts"]))
                    finished += 1
                else:
                    done += message["done"]
                    progress(done, size)
        if finished != len(readers):
            raise RuntimeError("a reader process died before it had finished")
        return counts
    finally:
        selector.close()
        for reader in readers:
            if reader.poll() is None:
                reader.terminate()
            reader.wait()
            if reader.stdout is not None:
                reader.stdout.close()
