"""One import at a time per authority: an advisory lock on a second connection.

The lock lives as long as that connection: a killed import frees it by dying, and a long statement
of the import itself does not matter, since it runs on another connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

_CLASS = 0x41414600
"""« AAF »: the class of our advisory locks; the object is the authority's key."""


class ImportBusy(Exception):
    """Another import of this authority is running."""


@contextmanager
def authority_lock(authority_id: int) -> Iterator[None]:
    """Hold the import lock of an authority, or raise :class:`ImportBusy` at once."""
    parameters: dict[str, Any] = {
        key: value
        for key, value in connection.get_connection_params().items()
        if isinstance(value, str | int)
    }
    with psycopg.connect(**parameters, autocommit=True) as own:
        found = own.execute(
            "SELECT pg_try_advisory_lock(%s, %s)", (_CLASS, int(authority_id))
        ).fetchone()
        if found is None or not found[0]:
            raise ImportBusy
        yield


def is_locked(authority_id: int) -> bool:
    """Is an import of this authority running right now?"""
    try:
        with authority_lock(authority_id):
            return False
    except ImportBusy:
        return True
