"""Does a delivery come from the authority that was announced?"""

from __future__ import annotations

from collections import Counter

from django.db import connection

from directory.imports.layouts.errors import DeliveryRefused
from directory.imports.sql.loader import SQL
from directory.models.schools import Authority
from ent.text.folding import fold

FEW_IDS = 10


def check_authority(
    *, schema: str, authority: Authority, of_schools: Counter[str], of_others: Counter[str]
) -> None:
    """Refuse a delivery whose schools say another academy (``ENTServAcAcademie``).

    Only structures with classes speak, by majority: a delivery also lists rectorats and offices of
    other academies. Structures that are identical to applied ones count for the announced
    authority. Where no structure has classes, one of the announced authority is enough.
    """
    expected = {fold(authority.feed_name or authority.code), fold(authority.code)}
    with connection.cursor() as cursor:
        cursor.execute(SQL.query("announced_authority", "same_structures", schema=schema))
        same, same_schools = cursor.fetchone()
    ours, theirs = _shares(of_schools, expected)
    if theirs or ours:
        is_wrong = theirs > ours + same_schools
        shown = of_schools
    else:
        ours, theirs = _shares(of_others, expected)
        is_wrong = theirs > 0 and not ours and not same
        shown = of_others
    if is_wrong:
        names = ", ".join(sorted(n for n in shown if fold(n) and fold(n) not in expected)[:3])
        raise DeliveryRefused(
            "wrong_authority",
            f"ces fichiers viennent de « {names} » et non de « {authority.code} ». Si c’est "
            "bien la même autorité, corrigez son « nom dans les fichiers AAF ».",
        )


def check_known(*, schema: str, authority: Authority, degree: str) -> None:
    """Refuse a delta of whose ids, and of whose structures, at most half are known.

    A delta may hold newcomers only: then the structures that they cite speak for them. A handful
    of people who cite none proves nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            SQL.query("announced_authority", "known_ids", schema=schema),
            {"authority": authority.pk, "degree": degree},
        )
        ids, known_ids, refs, known_refs = cursor.fetchone()
    if 2 * known_ids <= ids and 2 * known_refs <= refs and (refs or ids >= FEW_IDS):
        raise DeliveryRefused(
            "unknown_ids",
            f"cet envoi différentiel ne parle presque que d’inconnus ({known_ids} objets connus "
            f"sur {ids}) : vient-il bien de « {authority.code} » ?",
        )


def _shares(named: Counter[str], expected: set[str]) -> tuple[int, int]:
    """How many structures say an expected name, and how many another one."""
    ours = sum(count for name, count in named.items() if fold(name) in expected)
    theirs = sum(
        count for name, count in named.items() if fold(name) and fold(name) not in expected
    )
    return ours, theirs
