"""The guard against mass disappearance (T-H11).

A truncated export, a wrong filter, a school forgotten: the files are correct and half of a school
would lose its access. Beyond these thresholds nothing is applied until somebody confirms the
numbers, for this very set of files.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from ent.pages.french import number_words
from ent.pages.names import calm_name

AUTHORITY_PERCENT = 5
SCHOOL_PERCENT = 20
SCHOOL_SMALL_COUNT = 10
SCHOOL_COUNT = 50
FINAL_YEAR_MEF = ("103", "202", "212", "222", "242", "244", "247", "254", "276", "277")
"""First digits of the MEF codes of years after which pupils leave a school: 3e, terminale, CAP…"""
SUMMER = (7, 8, 9)


@dataclass(slots=True)
class GuardResult:
    """The departures of a delivery and what the guard says."""

    leaving: int
    counted: int
    present: int
    schools: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Is a confirmation needed?"""
        return bool(self.reasons)

    def token(self, checksum: str) -> str:
        """What a confirmation names: these files and these numbers, nothing else."""
        named = json.dumps([checksum, self.leaving, self.counted, self.schools], sort_keys=True)
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    def as_json(self, checksum: str) -> dict[str, Any]:
        """For ``Delivery.guard``."""
        return {
            "leaving": self.leaving,
            "counted": self.counted,
            "present": self.present,
            "schools": self.schools,
            "reasons": self.reasons,
            "held": self.is_held,
            "token": self.token(checksum),
        }


_EMPTIED_BY_MOVES = """
-- OFFSET 0: one by one, since a table that nobody has counted passes for a large one.
SELECT DISTINCT a.school_id FROM {s}.del_affiliation d CROSS JOIN LATERAL (
    SELECT school_id FROM directory_affiliation one WHERE one.id = d.id AND one.profile = 'eleve'
    OFFSET 0) a
WHERE NOT EXISTS (SELECT 1 FROM {s}.add_affiliation n
                  WHERE n.school_id = a.school_id AND n.profile = 'eleve')
  AND NOT EXISTS (SELECT 1 FROM directory_affiliation b
                  JOIN directory_person p ON p.id = b.person_id AND p.left_at IS NULL
                  WHERE b.school_id = a.school_id AND b.profile = 'eleve'
                    AND NOT EXISTS (SELECT 1 FROM {s}.del_affiliation e WHERE e.id = b.id)
                    AND NOT EXISTS (SELECT 1 FROM {s}.leaving l WHERE l.person_id = b.person_id))
"""
"""Schools whose last pupils would move elsewhere and where nobody arrives: emptied as well."""


def weigh_departures(
    *, schema: str, authority_id: int, degree: str, on: datetime.date
) -> GuardResult:
    """Count who would leave, for the authority and per school, and apply the thresholds."""
    final = ""
    if on.month in SUMMER:
        final = f"""AND NOT (l.category = 'Eleve' AND EXISTS (
            SELECT 1 FROM directory_membership m JOIN directory_group g ON g.id = m.group_id
            WHERE m.person_id = l.person_id AND g.kind = 'classe' AND EXISTS (
                SELECT 1 FROM unnest(g.mef_codes) AS mef
                WHERE left(mef, 3) IN ({", ".join(f"'{code}'" for code in FINAL_YEAR_MEF)}))))"""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {schema}.leaving")
        leaving = int(cursor.fetchone()[0])
        cursor.execute(_EMPTIED_BY_MOVES.replace("{s}", schema))
        emptied = [row[0] for row in cursor.fetchall()]
        if not leaving and not emptied:
            return GuardResult(0, 0, 0)
        cursor.execute(
            f"CREATE UNLOGGED TABLE {schema}.counted AS SELECT l.* FROM {schema}.leaving l "
            f"WHERE true {final}"
        )
        cursor.execute(f"SELECT count(*) FROM {schema}.counted")
        counted = int(cursor.fetchone()[0])
        cursor.execute(
            """SELECT count(DISTINCT r.person_id) FROM directory_record r
            JOIN directory_person p ON p.id = r.person_id
            WHERE r.authority_id = %s AND r.degree = %s AND r.is_present AND p.left_at IS NULL""",
            [authority_id, degree],
        )
        present = int(cursor.fetchone()[0])
        cursor.execute(
            f"""SELECT s.uai, s.name, x.leaving, x.present, x.pupils_left, x.pupils FROM (
                SELECT a.school_id, count(DISTINCT a.person_id) AS present,
                    count(DISTINCT a.person_id) FILTER (WHERE c.person_id IS NOT NULL) AS leaving,
                    count(DISTINCT a.person_id) FILTER (WHERE a.profile = 'eleve') AS pupils,
                    count(DISTINCT a.person_id) FILTER (WHERE a.profile = 'eleve' AND (
                        c.person_id IS NOT NULL OR d.person_id IS NOT NULL)) AS pupils_left
                FROM directory_affiliation a
                JOIN directory_person p ON p.id = a.person_id AND p.left_at IS NULL
                LEFT JOIN {schema}.counted c ON c.person_id = a.person_id
                LEFT JOIN {schema}.del_affiliation d ON d.id = a.id
                WHERE a.school_id IN (SELECT b.school_id FROM directory_affiliation b
                    JOIN {schema}.counted k ON k.person_id = b.person_id)
                    OR a.school_id = ANY(%(emptied)s)
                GROUP BY a.school_id) x
            JOIN directory_school s ON s.id = x.school_id
            WHERE x.leaving > 0 OR x.school_id = ANY(%(emptied)s)
            ORDER BY x.leaving DESC, s.uai""",
            {"emptied": emptied},
        )
        rows = cursor.fetchall()
    result = GuardResult(leaving, counted, present)
    if counted * 100 > present * AUTHORITY_PERCENT:
        result.reasons.append(
            f"{number_words(counted)} personnes sur {number_words(present)} partiraient, plus de "
            f"{AUTHORITY_PERCENT} % de l’autorité."
        )
    for uai, name, gone, people, pupils_left, pupils in rows:
        reason = school_reason(gone, people, pupils_left, pupils)
        result.schools.append(
            {"uai": uai, "name": name, "leaving": gone, "present": people, "reason": reason}
        )
        if reason:
            result.reasons.append(f"{calm_name(name)} ({uai}) : {reason}")
    return result


def school_reason(gone: int, people: int, pupils_left: int, pupils: int) -> str:
    """Why the departures of one school are held, or an empty string."""
    if pupils and pupils_left >= pupils:
        return f"l’établissement n’aurait plus aucun de ses {number_words(pupils)} élèves."
    departures = f"{number_words(gone)} départs sur {number_words(people)} personnes"
    if gone > SCHOOL_COUNT:
        return f"{departures}, plus de {SCHOOL_COUNT}."
    if gone > SCHOOL_SMALL_COUNT and gone * 100 > people * SCHOOL_PERCENT:
        return f"{departures}, plus de {SCHOOL_PERCENT} %."
    return ""
