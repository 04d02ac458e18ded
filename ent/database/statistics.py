"""Telling PostgreSQL how large its tables are, where a wrong guess costs minutes.

The server learns the size of a table when it is analysed, which its own housekeeping does some time
after the rows came. A join of eight tables planned in between takes every one of them for nearly
empty, and loops over millions of pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection

_UNKNOWN_SQL: Final = """
    SELECT oid::regclass::text FROM pg_class
     WHERE oid = ANY(%s::regclass[]) AND reltuples <= 0 AND pg_relation_size(oid) > 0
     ORDER BY 1
"""


def analyse_unknown(tables: Sequence[str]) -> list[str]:
    """Analyse those of the tables that the server takes for empty; return their names.

    One look at the catalogue where all are known. May run within a transaction, whose own rows
    count; a table that somebody else analyses at this moment is left to them, since the lock would
    be held until their end. Names are ours, never a request's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN_SQL, [list(tables)])
        unknown = [str(name) for (name,) in cursor.fetchall()]
        for name in unknown:
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {name}")
    return unknown
