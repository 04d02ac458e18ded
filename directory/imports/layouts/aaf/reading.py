"""Read files into staging tables, here or as ``python -m directory.imports.layouts.aaf.reading``.

Two reader processes fill the staging of a large delivery in fast mode, one in polite mode. A
process gets its orders as one JSON object on standard input (the connection is in them, so that
it shows in no process list) and answers with JSON lines: progress, then its counts or a refusal.

Three kinds of pass:

``all``      parse every object (first delivery of an authority, or few objects known);
``scan``     checksum every object without parsing it, into ``seen``;
``changed``  parse the objects that ``todo`` lists (those whose checksum the directory lacks).
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from directory.imports.layouts.aaf.common.layout import CategoryLayout
from directory.imports.layouts.aaf.common.reader import AafFile, CutNotProven, lines_at
from directory.imports.layouts.aaf.common.rows import RowBuilder, Rows
from directory.imports.layouts.aaf.layouts import LAYOUTS
from directory.imports.layouts.errors import DeliveryRefused
from directory.imports.tables import staging_tables
from ent.database.copying import copy_lines

BATCH_OBJECTS = 4000
OFFSET_BITS = 40
"""``rid`` = file number × 2^40 + byte offset: room for a terabyte a file."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class FileOrder:
    """One file to read. ``whole`` forces the safe reader (a cut was not proven)."""

    number: int
    path: str
    name: str
    degree: str
    category: str
    whole: bool = False
    is_delta: bool = False

    @property
    def layout(self) -> CategoryLayout:
        """What its objects look like."""
        return LAYOUTS[self.degree].of(self.category)

    def open(self) -> AafFile:
        """Open it."""
        return AafFile(Path(self.path), layout=self.layout, name=self.name, whole=self.whole)

    def builder(self) -> RowBuilder:
        """A new builder of rows for its objects."""
        layout = self.layout
        builder = layout.builder(layout)
        builder.is_delta = self.is_delta
        return builder


@dataclass(slots=True)
class Counts:
    """What a pass has seen; sums over files and processes."""

    objects: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    academies: Counter[str] = field(default_factory=Counter)
    """Of structures with classes: the schools that the delivery is about."""
    listed_academies: Counter[str] = field(default_factory=Counter)
    """Of the other structures: a delivery lists some of other academies too."""
    versions: Counter[str] = field(default_factory=Counter)
    empty_files: list[str] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)
    unproven: list[int] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Sum."""
        for name in ("objects", "rejected", "unknown", "academies", "listed_academies", "versions"):
            getattr(self, name).update(getattr(other, name))
        self.empty_files += other.empty_files
        self.digests.update(other.digests)
        self.unproven += other.unproven

    def to_json(self) -> dict[str, Any]:
        """Plain values (before Python 3.12 ``asdict`` makes counters of pairs)."""
        return {
            item.name: dict(value) if isinstance(value, dict) else list(value)
            for item in fields(self)
            for value in [getattr(self, item.name)]
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Counts:
        """Inverse of ``to_json`` through JSON."""
        return cls(
            objects=Counter(data["objects"]),
            rejected=Counter(data["rejected"]),
            unknown=Counter(data["unknown"]),
            academies=Counter(data["academies"]),
            listed_academies=Counter(data["listed_academies"]),
            versions=Counter(data["versions"]),
            empty_files=data["empty_files"],
            digests={int(number): digest for number, digest in data["digests"].items()},
            unproven=data["unproven"],
        )


class Loader:
    """COPY of batches of rows into the staging tables of one run."""

    def __init__(self, connection: Any, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self.rows: Rows = {table: [] for table in staging_tables()}

    def flush(self) -> None:
        """Send what has been gathered, table by table."""
        for table, rows in self.rows.items():
            if rows:
                copy_lines(
                    self._connection, f"{self._schema}.{table}", ["\t".join(row) for row in rows]
                )
                rows.clear()


def read_all(
    orders: list[FileOrder], connection: Any, schema: str, *, progress: Progress
) -> Counts:
    """The ``all`` pass: every object parsed, its rows copied, each file digested."""
    counts = Counts()
    loader = Loader(connection, schema)
    for order in orders:
        with order.open() as file:
            builder = order.builder()
            digest = file.new_digest()
            base = order.number << OFFSET_BITS
            waiting = told = 0
            for offset, length, checksum, made in file.objects():
                digest.update(checksum)
                builder.add(made, rid=base + offset, checksum=checksum, rows=loader.rows)
                waiting += 1
                if waiting >= BATCH_OBJECTS:
                    loader.flush()
                    waiting = 0
                    progress(offset + length - told)
                    told = offset + length
            loader.flush()
            _close_file(counts, order, file, builder, digest.hexdigest(), builder.objects)
    return counts


def scan(orders: list[FileOrder], connection: Any, schema: str, *, progress: Progress) -> Counts:
    """The ``scan`` pass: place, length, id and checksum of every object; nothing is parsed.

    The id is a hint read at ``<id>``: it serves only where the checksum is known, and then it is
    what the parser once said of the same bytes.
    """
    counts = Counts()
    for order in orders:
        with order.open() as file:
            digest = file.new_digest()
            base = order.number << OFFSET_BITS
            category = order.category
            lines: list[str] = []
            objects = told = 0
            try:
                for offset, piece, operation in file.pieces():
                    checksum = file.checksum(piece)
                    digest.update(checksum)
                    start = piece.find(b"<id>") + 4
                    hint = piece[start : start + 40].split(b"<", 1)[0]
                    if not hint.replace(b"-", b"").isalnum():
                        hint = b""
                    lines.append(
                        f"{base + offset}\t{category}\t{hint.decode('ascii', 'replace')}\t"
                        f"\\\\x{checksum.hex()}\t{len(piece)}\t{operation}"
                    )
                    objects += 1
                    if len(lines) >= 4 * BATCH_OBJECTS:
                        copy_lines(connection, f"{schema}.seen", lines)
                        lines.clear()
                        progress(offset - told)
                        told = offset
            except CutNotProven:
                counts.unproven.append(order.number)
            if lines:
                copy_lines(connection, f"{schema}.seen", lines)
            _close_file(counts, order, file, None, digest.hexdigest(), objects)
    return counts


def read_changed(
    orders: list[FileOrder],
    connection: Any,
    schema: str,
    *,
    progress: Progress,
    places: Callable[[int], Iterator[tuple[int, int, str, bytes]]],
) -> Counts:
    """The ``changed`` pass: parse the listed places; the bytes must still be those scanned."""
    counts = Counts()
    loader = Loader(connection, schema)
    for order in orders:
        with order.open() as file:
            builder = order.builder()
            waiting = 0
            for rid, length, operation, checksum in places(order.number):
                offset = rid - (order.number << OFFSET_BITS)
                piece = file.piece_at(offset, length)
                if file.checksum(piece) != checksum:
                    raise DeliveryRefused(
                        "files_changed", "le fichier a changé pendant sa lecture.", file=order.name
                    )
                try:
                    made = file.parse(offset, piece, operation)
                except CutNotProven:
                    counts.unproven.append(order.number)
                    break
                builder.add(made, rid=rid, checksum=checksum, rows=loader.rows)
                waiting += 1
                if waiting >= BATCH_OBJECTS:
                    loader.flush()
                    waiting = 0
            loader.flush()
            counts.unknown.update(builder.unknown)
            counts.rejected[order.category] += builder.rejected
            counts.academies.update(builder.academies)
            counts.listed_academies.update(builder.listed_academies)
    return counts


def _close_file(
    counts: Counts,
    order: FileOrder,
    file: AafFile,
    builder: RowBuilder | None,
    digest: str,
    objects: int,
) -> None:
    counts.objects[order.category] += objects
    counts.digests[order.number] = digest
    if file.prolog.version:
        counts.versions[file.prolog.version] += 1
    if not objects:
        counts.empty_files.append(order.name)
    if builder is not None:
        counts.rejected[order.category] += builder.rejected
        counts.unknown.update(builder.unknown)
        counts.academies.update(builder.academies)
        counts.listed_academies.update(builder.listed_academies)


def places_from(
    connection: Any, schema: str
) -> Callable[[int], Iterator[tuple[int, int, str, bytes]]]:
    """Where the changed objects of a file stand, streamed in file order."""

    def places(number: int) -> Iterator[tuple[int, int, str, bytes]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT rid, length, operation, checksum FROM {schema}.todo "
                "WHERE rid >= %s AND rid < %s ORDER BY rid",
                (number << OFFSET_BITS, (number + 1) << OFFSET_BITS),
            )
            while rows := cursor.fetchmany(10_000):
                for rid, length, operation, checksum in rows:
                    yield rid, length, operation, bytes(checksum)

    return places


def run_pass(kind: str, orders: list[FileOrder], connection: Any, schema: str, *,
             progress: Progress, reader: Any = None) -> Counts:  # fmt: skip
    """Run one pass over *orders*; *reader* is a second connection for ``changed``."""
    if kind == "all":
        return read_all(orders, connection, schema, progress=progress)
    if kind == "scan":
        return scan(orders, connection, schema, progress=progress)
    return read_changed(
        orders, connection, schema, progress=progress,
        places=places_from(reader or connection, schema),
    )  # fmt: skip


def main() -> None:
    """Entry point of a reader process."""
    import psycopg

    orders = json.loads(sys.stdin.readline())
    if orders["nice"]:
        os.nice(orders["nice"])

    def say(**message: Any) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    try:
        with (
            psycopg.connect(**orders["connection"], autocommit=True) as connection,
            psycopg.connect(**orders["connection"], autocommit=True) as reader,
        ):
            connection.execute("SET synchronous_commit = off")
            counts = run_pass(
                orders["kind"],
                [FileOrder(**order) for order in orders["files"]],
                connection,
                orders["schema"],
                progress=lambda done: say(done=done),
                reader=reader,
            )
        say(counts=counts.to_json())
    except DeliveryRefused as refusal:
        say(refusal=[refusal.code, refusal.message, refusal.file, refusal.line])


if __name__ == "__main__":
    main()

__all__ = ["Counts", "FileOrder", "lines_at", "main", "run_pass"]
