"""Anomalies of a run, each with its file and line, and those of the delivery as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from directory.enums import AnomalySeverity
from directory.imports.layouts.aaf.common.packages import OpenDelivery
from directory.imports.layouts.aaf.common.reader import lines_at
from directory.imports.layouts.aaf.reading import OFFSET_BITS
from directory.imports.sql.loader import SQL
from directory.models.deliveries import Anomaly, Delivery
from ent.database.copying import copy_lines

Lines = dict[int, tuple[str, int]]
"""File and line of anomalies, by their ``rid``."""


@contextmanager
def placing_anomalies(*, schema: str, opened: OpenDelivery) -> Iterator[None]:
    """Turn the byte offsets of anomalies into lines: ``anomaly_line (rid, file, line)``.

    Those of the readers are counted while PostgreSQL compares; what comparing has found besides,
    afterwards.
    """
    with ThreadPoolExecutor(max_workers=1) as side:
        counted = side.submit(_lines_of, opened, _anomaly_rids(schema))
        yield
        lines = counted.result()
    lines |= _lines_of(opened, [rid for rid in _anomaly_rids(schema) if rid not in lines])
    with connection.cursor() as cursor:
        cursor.execute(SQL.query("anomalies", "make_lines", schema=schema))
    if lines:
        copy_lines(
            connection.connection,
            f"{schema}.anomaly_line",
            [f"{rid}\t{name}\t{line}" for rid, (name, line) in sorted(lines.items())],
        )


def _anomaly_rids(schema: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(SQL.query("anomalies", "places", schema=schema))
        return [rid for (rid,) in cursor.fetchall()]


def _lines_of(opened: OpenDelivery, rids: list[int]) -> Lines:
    """Count the lines before each anomaly, in one pass over its file."""
    of_file: dict[int, list[int]] = {}
    for rid in rids:
        of_file.setdefault(rid >> OFFSET_BITS, []).append(rid & ((1 << OFFSET_BITS) - 1))
    found: Lines = {}
    for number, offsets in of_file.items():
        file = opened.files[number - 1]
        name = file.name[-200:].replace("\\", "/").replace("\t", " ")
        for offset, line in lines_at(Path(file.path), offsets).items():
            found[(number << OFFSET_BITS) + offset] = (name, line)
    return found


def write_anomalies(*, schema: str, delivery: Delivery) -> None:
    """(Re)write the anomalies of a delivery from its staging, worst first, in file order."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_anomaly WHERE delivery_id = %s", [delivery.pk])
        cursor.execute(SQL.query("anomalies", "write", schema=schema), {"delivery": delivery.pk})


def write_general_anomalies(
    *, delivery: Delivery, ignored: list[str], unknown: Counter[str]
) -> None:
    """What concerns no single object: files left aside, unknown attributes (counted)."""
    Anomaly.objects.bulk_create(
        [
            Anomaly(
                delivery=delivery,
                severity=AnomalySeverity.INFO,
                code="file_ignored",
                file=name[-200:],
                message="Fichier laissé de côté : son nom ne dit aucune catégorie AAF.",
            )
            for name in ignored
        ]
        + [
            Anomaly(
                delivery=delivery,
                severity=AnomalySeverity.INFO,
                code="unknown_attribute",
                message=f"Attribut inconnu « {name[:60]} » : non repris, dans {count} objets.",
            )
            for name, count in sorted(unknown.items())
        ]
    )
