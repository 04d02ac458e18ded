"""Does a delivery come from the authority that was announced?"""

from __future__ import annotations

from collections import Counter

from django.db import connection

from directory.imports.aaf.errors import DeliveryRefused
from directory.models import Authority
from ent.folding import fold


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
        cursor.execute(
            f"""SELECT count(*), count(*) FILTER (WHERE EXISTS (
                SELECT 1 FROM directory_group g WHERE g.school_id = r.school_id
                  AND g.kind = 'classe' AND g.is_present AND g.source = 'flux'))
            FROM {schema}.unchanged u JOIN directory_record r ON r.id = u.record_id
            WHERE u.category = 'EtabEducNat'"""
        )
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


def _shares(named: Counter[str], expected: set[str]) -> tuple[int, int]:
    """How many structures say an expected name, and how many another one."""
    ours = sum(count for name, count in named.items() if fold(name) in expected)
    theirs = sum(
        count for name, count in named.items() if fold(name) and fold(name) not in expected
    )
    return ours, theirs
