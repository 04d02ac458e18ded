"""Findings of a run → anomalies with file and line, and what is said once for a whole delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from directory.imports.aaf.packages import OpenDelivery
from directory.imports.aaf.reader import lines_at
from directory.imports.aaf.reading import OFFSET_BITS, copy_lines
from directory.imports.enums import AnomalySeverity
from directory.imports.models import Anomaly, Delivery

Lines = dict[int, tuple[str, int]]
"""File and line of findings, by their ``rid``."""


@contextmanager
def placing_findings(*, schema: str, opened: OpenDelivery) -> Iterator[None]:
    """Turn the byte offsets of the findings into lines: ``finding_line (rid, file, line)``.

    Those of the readers are counted while PostgreSQL compares; what comparing has found besides,
    afterwards.
    """
    with ThreadPoolExecutor(max_workers=1) as side:
        counted = side.submit(_lines_of, opened, _finding_rids(schema))
        yield
        lines = counted.result()
    lines |= _lines_of(opened, [rid for rid in _finding_rids(schema) if rid not in lines])
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE UNLOGGED TABLE {schema}.finding_line (rid bigint, file text, line integer)"
        )
    if lines:
        copy_lines(
            connection.connection,
            f"{schema}.finding_line",
            [f"{rid}\t{name}\t{line}" for rid, (name, line) in sorted(lines.items())],
        )


def _finding_rids(schema: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT rid FROM {schema}.in_finding ORDER BY rid")
        return [rid for (rid,) in cursor.fetchall()]


def _lines_of(opened: OpenDelivery, rids: list[int]) -> Lines:
    """Count the lines before each finding, in one pass over its file."""
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
        cursor.execute(
            f"""INSERT INTO directory_anomaly (delivery_id, severity, code, file, line, object_id,
                school_uai, message)
            SELECT %s, f.severity, f.code, coalesce(l.file, ''), l.line, left(f.external_id, 40),
                coalesce(s.uai, ''), left(f.message, 500)
            FROM {schema}.in_finding f LEFT JOIN {schema}.finding_line l ON l.rid = f.rid
            LEFT JOIN {schema}.p_person p ON p.rid = f.rid
            LEFT JOIN {schema}.p_school e ON e.rid = f.rid
            LEFT JOIN LATERAL (SELECT uai FROM directory_school
                WHERE id = coalesce(p.main_school_id, e.school_id)
                UNION ALL SELECT q.uai FROM {schema}.p_school q
                WHERE q.is_new AND q.school_id = coalesce(p.main_school_id, e.school_id)
                LIMIT 1) s ON true
            ORDER BY CASE f.severity WHEN 'rejet' THEN 0 WHEN 'alerte' THEN 1 ELSE 2 END,
                f.rid, f.code""",
            [delivery.pk],
        )


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
