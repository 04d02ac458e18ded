"""The staging schema of one run: created empty, filled by the readers, dropped at the end.

One schema per authority (only one import at a time runs for it, see ``locks.py``): what a killed
run left behind is dropped by the next one. Tables are unlogged: they cost a third less and nobody
needs them after a crash.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection

from directory.imports.aaf.errors import DeliveryRefused
from directory.imports.aaf.packages import OpenDelivery
from directory.imports.aaf.reading import Counts, FileOrder, run_pass
from directory.imports.aaf.rows import TABLES

OWN_PROCESS_BYTES = 8 * 1024 * 1024
"""Below this a delivery is read in this process: starting another takes longer."""
POLITE_NICE = 10

SeenProgress = Callable[[int, int], None]


def schema_name(authority_id: int) -> str:
    """Name of the staging schema of an authority."""
    return f"staging_{int(authority_id)}"


def create_schema(schema: str) -> None:
    """Make an empty staging schema, whatever an earlier run left there."""
    drop_schema(schema)
    statements = [f"CREATE SCHEMA {schema}"]
    statements += [
        f"CREATE UNLOGGED TABLE {schema}.{table} ({', '.join(columns)})"
        for table, columns in TABLES.items()
    ]
    statements.append(
        f"CREATE UNLOGGED TABLE {schema}.seen (rid bigint, category text, external_id text,"
        " checksum bytea, length integer, operation text)"
    )
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop_schema(schema: str) -> None:
    """Drop a staging schema and everything in it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def analyze(schema: str, tables: Sequence[str]) -> None:
    """Tell the planner what was loaded."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {schema}.{table}")


def file_orders(delivery: OpenDelivery, whole: set[int]) -> list[FileOrder]:
    """The files as orders for readers, numbered in reading order from 1."""
    return [
        FileOrder(number, str(file.path), file.name, file.category, number in whole)
        for number, file in enumerate(delivery.files, start=1)
    ]


def run_readers(
    kind: str,
    orders: list[FileOrder],
    *,
    schema: str,
    size: int,
    polite: bool,
    progress: SeenProgress,
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


def connection_parameters() -> dict[str, Any]:
    """What another process or thread needs to open a connection of its own."""
    parameters = connection.get_connection_params()
    return {
        key: value
        for key, value in parameters.items()
        if isinstance(value, str | int) and key not in ("client_encoding",)
    }


def _run_processes(
    kind: str,
    shares: list[list[FileOrder]],
    *,
    schema: str,
    polite: bool,
    progress: SeenProgress,
    size: int,
) -> Counts:
    project = str(Path(__file__).resolve().parents[2])
    readers: list[subprocess.Popen[str]] = []
    counts = Counts()
    selector = selectors.DefaultSelector()
    try:
        for share in shares:
            reader = subprocess.Popen(
                [sys.executable, "-m", "directory.imports.aaf.reading"],
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
