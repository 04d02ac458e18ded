"""What an import did or would do, in numbers: for the whole delivery and per school."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from directory.imports.vocabulary import COUNTED_CHANGES

if TYPE_CHECKING:
    from directory.imports.runs.state import ImportRun


def count_outcome(run: ImportRun) -> dict[str, Any]:
    """Count persons by what happens to them, by category and by school, and anomalies by code."""
    counters: dict[str, Any] = {change.value: 0 for change in COUNTED_CHANGES}
    by_category: dict[str, dict[str, int]] = {}
    schools: dict[str, dict[str, Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute(run.query("counts", "totals"))
        for kind, category, count in cursor.fetchall():
            counters[kind] += count
            of_category = by_category.setdefault(category, {})
            of_category[kind] = of_category.get(kind, 0) + count
        cursor.execute(run.query("counts", "per_school"))
        for uai, name, kind, _category, count in cursor.fetchall():
            school = schools.setdefault(
                uai or "", {"uai": uai or "", "name": name or "Sans établissement"}
            )
            school[kind] = school.get(kind, 0) + count
        cursor.execute(run.query("counts", "anomalies"))
        anomaly_counts = [
            {"code": code, "severity": severity, "count": count}
            for code, severity, count in cursor.fetchall()
        ]
        cursor.execute(run.query("counts", "accounts"))
        accounts = cursor.fetchone()[0]
        cursor.execute(run.query("counts", "guardians"))
        with_account, guardians = cursor.fetchone()
        cursor.execute(run.query("counts", "ended_roles"))
        roles_ended = cursor.fetchone()[0]
    counters.update(
        by_category=by_category,
        schools=list(schools.values()),
        anomaly_counts=anomaly_counts,
        objects=dict(run.counts.objects),
        rejected=sum(run.counts.rejected.values()),
        accounts_wanted=accounts,
        guardians_with_account=with_account,
        roles_ended=roles_ended,
        guardians_contact=guardians - with_account,
        files=len(run.opened.files),
        versions=sorted(run.counts.versions),
    )
    return counters
