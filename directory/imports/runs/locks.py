"""One import at a time per authority: an advisory lock on a second connection.

The lock lives as long as that connection: a killed import frees it by dying, and a long statement
of the import itself does not matter, since it runs on another connection. An import that ends gives
it back in so many words: PostgreSQL notices a closed connection when it gets to it, and the next
delivery may already be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from ent.database.connections import connection_parameters

_CLASS = 0x41414600
"""« AAF »: the class of our advisory locks; the object is the authority's key."""


class ImportBusy(Exception):
    """Another import of this authority is running."""


@contextmanager
def authority_lock(authority_id: int) -> Iterator[None]:
    """Hold the import lock of an authority, or raise :class:`ImportBusy` at once."""
    key = (_CLASS, int(authority_id))
    with psycopg.connect(**connection_parameters(), autocommit=True) as own:
        found = own.execute("SELECT pg_try_advisory_lock(%s, %s)", key).fetchone()
        if found is None or not found[0]:
            raise ImportBusy
        try:
            yield
        finally:
            with suppress(psycopg.Error):  # the lock went with the connection
                own.execute("SELECT pg_advisory_unlock(%s, %s)", key)
