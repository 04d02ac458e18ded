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

from directory.imports.sql.loader import SQL
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


def weigh_departures(
    *, schema: str, authority_id: int, degree: str, on: datetime.date
) -> GuardResult:
    """Count who would leave, for the authority and per school, and apply the thresholds."""

    def query(name: str) -> str:
        return SQL.query("guard", name, schema=schema)

    with connection.cursor() as cursor:
        cursor.execute(query("losses"))
        leaving, losing, strangers = cursor.fetchone()
        leaving += losing
        cursor.execute(query("emptied_by_moves"))
        emptied = [row[0] for row in cursor.fetchall()]
        if not leaving and not emptied:
            return GuardResult(0, 0, 0)
        cursor.execute(
            query("count_losses"),
            {"is_summer": on.month in SUMMER, "final_years": list(FINAL_YEAR_MEF)},
        )
        cursor.execute(query("counted"))
        counted = int(cursor.fetchone()[0])
        cursor.execute(query("present"), {"authority": authority_id, "degree": degree})
        present = int(cursor.fetchone()[0])
        cursor.execute(query("per_school"), {"emptied": emptied})
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
