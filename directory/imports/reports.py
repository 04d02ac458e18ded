"""What an import did or would do, in numbers: for the whole delivery and per school."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from directory.imports.runs import ImportRun

_PER_SCHOOL = """
SELECT s.uai, s.name, x.kind, x.category, x.n FROM (
    SELECT main_school_id AS school_id, 'created' AS kind, category, count(*) AS n
    FROM {s}.p_person WHERE is_new GROUP BY 1, 3
    UNION ALL
    SELECT p.main_school_id, 'changed', p.category, count(DISTINCT p.person_id)
    FROM {s}.p_person p JOIN {s}.changed c ON c.person_id = p.person_id
    WHERE NOT p.is_new GROUP BY 1, 3
    UNION ALL
    SELECT d.main_school_id, 'changed', t.category, count(DISTINCT t.person_id)
    FROM {s}.touched t JOIN directory_person d ON d.id = t.person_id GROUP BY 1, 3
    UNION ALL
    SELECT p.main_school_id, 'arrived', p.category, count(DISTINCT p.person_id)
    FROM {s}.p_person p JOIN {s}.upd_person u ON u.person_id = p.person_id
    WHERE u.old_school_id IS NOT NULL AND p.main_school_id IS DISTINCT FROM u.old_school_id
    GROUP BY 1, 3
    UNION ALL
    SELECT u.old_school_id, 'moved', p.category, count(DISTINCT p.person_id)
    FROM {s}.p_person p JOIN {s}.upd_person u ON u.person_id = p.person_id
    WHERE u.old_school_id IS NOT NULL AND p.main_school_id IS DISTINCT FROM u.old_school_id
    GROUP BY 1, 3
    UNION ALL
    SELECT main_school_id, 'leaving', category, count(*) FROM {s}.leaving GROUP BY 1, 3
) x LEFT JOIN (SELECT id, uai, name FROM directory_school
               UNION SELECT p.school_id, i.uai, i.name FROM {s}.p_school p
               JOIN {s}.in_structure i ON i.rid = p.rid WHERE p.is_new AND p.nth = 1) s
  ON s.id = x.school_id
ORDER BY s.uai NULLS LAST, x.kind, x.category
"""

_TOTALS = """
SELECT 'created', category, count(*) FROM {s}.p_person WHERE is_new GROUP BY 2
UNION ALL
SELECT 'changed', p.category, count(DISTINCT p.person_id) FROM {s}.p_person p
JOIN {s}.changed c ON c.person_id = p.person_id WHERE NOT p.is_new GROUP BY 2
UNION ALL
SELECT 'changed', category, count(DISTINCT person_id) FROM {s}.touched GROUP BY 2
UNION ALL
SELECT 'moved', p.category, count(DISTINCT p.person_id) FROM {s}.p_person p
JOIN {s}.upd_person u ON u.person_id = p.person_id
WHERE u.old_school_id IS NOT NULL AND p.main_school_id IS DISTINCT FROM u.old_school_id GROUP BY 2
UNION ALL
SELECT 'leaving', category, count(*) FROM {s}.leaving GROUP BY 2
UNION ALL
SELECT 'unchanged', category, sum(n)::bigint FROM (
    SELECT category, count(*) AS n FROM {s}.unchanged
    WHERE category IN ('Eleve', 'PersRelEleve', 'PersEducNat') GROUP BY 1
    UNION ALL SELECT p.category, count(*) FROM {s}.p_person p WHERE NOT p.is_new
      AND NOT EXISTS (SELECT 1 FROM {s}.changed c WHERE c.person_id = p.person_id) GROUP BY 1
    UNION ALL SELECT category, -count(*) FROM {s}.touched GROUP BY 1) u GROUP BY 2
"""
KINDS = ("created", "changed", "moved", "leaving", "unchanged")


def count_outcome(run: ImportRun) -> dict[str, Any]:
    """Count persons by what happens to them, by category and by school, and findings by code."""
    counters: dict[str, Any] = dict.fromkeys(KINDS, 0)
    by_category: dict[str, dict[str, int]] = {}
    schools: dict[str, dict[str, Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS.replace("{s}", run.schema))
        for kind, category, count in cursor.fetchall():
            counters[kind] += count
            of_category = by_category.setdefault(category, {})
            of_category[kind] = of_category.get(kind, 0) + count
        cursor.execute(_PER_SCHOOL.replace("{s}", run.schema))
        for uai, name, kind, _category, count in cursor.fetchall():
            school = schools.setdefault(
                uai or "", {"uai": uai or "", "name": name or "Sans établissement"}
            )
            school[kind] = school.get(kind, 0) + count
        cursor.execute(
            f"SELECT code, severity, count(*) FROM {run.schema}.in_finding GROUP BY 1, 2 ORDER BY 1"
        )
        findings = [
            {"code": code, "severity": severity, "count": count}
            for code, severity, count in cursor.fetchall()
        ]
        cursor.execute(f"SELECT count(*) FROM {run.schema}.account_wanted WHERE is_new")
        accounts = cursor.fetchone()[0]
        cursor.execute(
            f"""SELECT count(*) FILTER (WHERE a.person_id IS NOT NULL), count(*)
            FROM {run.schema}.p_person p
            LEFT JOIN {run.schema}.account_wanted a ON a.person_id = p.person_id
            WHERE p.category = 'PersRelEleve'"""
        )
        with_account, guardians = cursor.fetchone()
        cursor.execute(f"SELECT count(*) FROM {run.schema}.ended_role")
        roles_ended = cursor.fetchone()[0]
    counters.update(
        by_category=by_category,
        schools=list(schools.values()),
        findings=findings,
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
