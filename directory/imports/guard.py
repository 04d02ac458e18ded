"""The guard against mass disappearance (T-H11).

A truncated export, a wrong filter, a school forgotten: the files are correct and half of a school
would lose its access. Beyond these thresholds nothing is applied until somebody confirms the
numbers, for this very set of files.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
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
    """Who would lose their access by a delivery, and what the guard says.

    ``leaving``: who leaves, and who stays in the directory without access; ``counted``: of them,
    those whom the thresholds count.
    """

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
-- OFFSET 0 and LIMIT 1: school by school, at whose first pupil one stops. A table that nobody has
-- counted passes for a large one, and everybody would be compared.
SELECT a.school_id FROM (
    SELECT DISTINCT school_id FROM {s}.del_affiliation d CROSS JOIN LATERAL (
        SELECT school_id FROM directory_affiliation o WHERE o.id = d.id AND o.profile = 'eleve'
        OFFSET 0) left_behind OFFSET 0) a
WHERE NOT EXISTS (SELECT 1 FROM {s}.add_affiliation n
                  WHERE n.school_id = a.school_id AND n.profile = 'eleve')
  AND (SELECT true FROM directory_affiliation b
       JOIN directory_person p ON p.id = b.person_id AND p.left_at IS NULL
       WHERE b.school_id = a.school_id AND b.profile = 'eleve'
         AND NOT EXISTS (SELECT 1 FROM {s}.del_affiliation e WHERE e.id = b.id)
         AND NOT EXISTS (SELECT 1 FROM {s}.leaving l WHERE l.person_id = b.person_id)
       LIMIT 1) IS NULL
"""
"""Schools whose last pupils would move elsewhere and where nobody arrives: emptied as well."""


_PRESENT = """
SELECT count(*) FROM directory_record r
WHERE r.authority_id = %s AND r.degree = %s AND r.is_present AND r.person_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM directory_person p
                  WHERE p.id = r.person_id AND p.left_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM {s}.multi m JOIN directory_record other
                  ON other.person_id = m.person_id AND other.authority_id = %s
                 AND other.degree = %s AND other.is_present
                  WHERE m.person_id = r.person_id AND other.id < r.id)
"""
"""Persons of this feed: records, less those of whoever has left, and one for each person."""

# « IN (SELECT …) » as a value is looked up in a small hash; as a join, everybody was put into one.
_PER_SCHOOL = """
SELECT s.uai, s.name, x.leaving, x.present, x.pupils_left, x.pupils FROM (
    SELECT school_id, count(*) AS present, count(*) FILTER (WHERE leaves) AS leaving,
        count(*) FILTER (WHERE is_pupil) AS pupils,
        count(*) FILTER (WHERE is_pupil_lost) AS pupils_left
    FROM (
        SELECT school_id, person_id, bool_or(leaves) AS leaves, bool_or(is_pupil) AS is_pupil,
            bool_or(is_pupil AND (leaves OR is_deleted)) AS is_pupil_lost
        FROM (
            SELECT a.school_id, a.person_id, a.profile = 'eleve' AS is_pupil,
                a.person_id IN (SELECT person_id FROM {s}.counted) AS leaves,
                a.id IN (SELECT id FROM {s}.del_affiliation) AS is_deleted
            FROM directory_affiliation a
            WHERE (a.school_id IN (SELECT b.school_id FROM directory_affiliation b
                       JOIN {s}.counted k ON k.person_id = b.person_id)
                   OR a.school_id = ANY(%(emptied)s))
              AND NOT EXISTS (SELECT 1 FROM directory_person p
                              WHERE p.id = a.person_id AND p.left_at IS NOT NULL)) link
        GROUP BY school_id, person_id) here
    GROUP BY school_id) x
JOIN directory_school s ON s.id = x.school_id
WHERE x.leaving > 0 OR x.school_id = ANY(%(emptied)s)
ORDER BY x.leaving DESC, s.uai
"""


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
        cursor.execute(
            f"""SELECT (SELECT count(*) FROM {schema}.leaving), (SELECT count(*)
            FROM {schema}.losing), (SELECT count(*) FROM {schema}.stranger)"""
        )
        leaving, losing, strangers = cursor.fetchone()
        leaving += losing
        cursor.execute(_EMPTIED_BY_MOVES.replace("{s}", schema))
        emptied = [row[0] for row in cursor.fetchall()]
        if not leaving and not emptied:
            return GuardResult(0, 0, 0)
        cursor.execute(
            f"CREATE UNLOGGED TABLE {schema}.counted AS SELECT l.* FROM {schema}.leaving l "
            f"WHERE true {final} UNION ALL SELECT * FROM {schema}.losing"
        )
        cursor.execute(f"SELECT count(*) FROM {schema}.counted")
        counted = int(cursor.fetchone()[0])
        cursor.execute(_PRESENT.replace("{s}", schema), [authority_id, degree] * 2)
        present = int(cursor.fetchone()[0])
        cursor.execute(_PER_SCHOOL.replace("{s}", schema), {"emptied": emptied})
        rows = cursor.fetchall()
    result = GuardResult(leaving, counted, present)
    if counted * 100 > present * AUTHORITY_PERCENT:
        result.reasons.append(
            f"{_people(counted)} sur {number_words(present)} "
            f"{_would_lose(counted)}, plus de "
            f"{AUTHORITY_PERCENT} % de l’autorité."
        )
    for uai, name, gone, people, pupils_left, pupils in rows:
        reason = school_reason(gone, people, pupils_left, pupils)
        result.schools.append(
            {"uai": uai, "name": name, "leaving": gone, "present": people, "reason": reason}
        )
        if reason:
            result.reasons.append(f"{calm_name(name)} ({uai}) : {reason}")
    if result.reasons:
        result.reasons += _explanations(losing - strangers, strangers, leaving - counted)
    return result


def _people(count: int) -> str:
    return f"{number_words(count)} personne{'s' if count > 1 else ''}"


def _would_lose(count: int) -> str:
    return "perdraient leur accès" if count > 1 else "perdrait son accès"


def _explanations(losing: int, strangers: int, uncounted: int) -> Iterator[str]:
    """What the numbers are made of."""
    if losing:
        yield (
            f"Parmi elles, resteraient dans l’annuaire : {number_words(losing)} "
            "(responsables sans autorité parentale, élèves ou personnels sans établissement)."
        )
    if strangers:
        yield (
            "Parmi elles, changeraient à la fois de nom, de prénom et de date de naissance : "
            f"{number_words(strangers)}. Leur compte passerait à quelqu’un d’autre : ces fichiers "
            "sont-ils bien ceux de cette autorité ?"
        )
    if uncounted:
        yield (
            "Partiraient aussi des élèves de dernière année, qui en été ne comptent pas dans ces "
            f"seuils : {number_words(uncounted)}."
        )


def school_reason(gone: int, people: int, pupils_left: int, pupils: int) -> str:
    """Why what one school would lose is held, or an empty string."""
    if pupils and pupils_left >= pupils:
        return f"l’établissement n’aurait plus aucun de ses {number_words(pupils)} élèves."
    departures = f"{_people(gone)} sur {number_words(people)} {_would_lose(gone)}"
    if gone > SCHOOL_COUNT:
        return f"{departures}, plus de {SCHOOL_COUNT}."
    if gone > SCHOOL_SMALL_COUNT and gone * 100 > people * SCHOOL_PERCENT:
        return f"{departures}, plus de {SCHOOL_PERCENT} %."
    return ""
