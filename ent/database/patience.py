"""How long whoever waits for the database is ready to wait for one answer.

A page says so (`ent.database.middleware`), and the probe; work in the background waits as long as
it takes. A server that hangs sends nothing, so the limit is on our side of the connection; the same
limit is the server's for connections that pages opened, so that it ends what nobody waits for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout as WaitTimeout

from ent.database.clock import note_database_time
from ent.outages.breaker import Breaker

#: After a silence this process answers at once for so long, then asks again.
breaker = Breaker(rest_seconds=5)
_seconds: ContextVar[float | None] = ContextVar("seconds for one answer", default=None)


_OPENING = """
    SELECT set_config('statement_timeout', %s, false),
           extract(epoch FROM clock_timestamp())::float8
"""


@contextmanager
def patience(seconds: float | None) -> Iterator[None]:
    """Wait at most so long for each answer of the database meanwhile; None: as long as it takes."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


def current_patience() -> float | None:
    """Return the seconds that one answer may take now, None without a limit."""
    return _seconds.get()


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is given up when one answer takes longer than whoever waits is ready to."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server's word."""
        seconds = current_patience()
        if timeout is not None or seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, seconds)
        except WaitTimeout:
            breaker.note_silence()
            self.pgconn.finish()  # what it was doing is unknown: nobody may use it again
            raise psycopg.OperationalError("the database did not answer in time") from None


def connect(parameters: dict[str, Any]) -> BoundedConnection:
    """Open a connection; a page's has limits on both sides, and waits out no known silence."""
    seconds = current_patience()
    if seconds is None:
        return BoundedConnection.connect(**parameters)
    if not breaker.lets_through():
        raise psycopg.OperationalError("the database did not answer a moment ago")
    timeout = max(2, round(seconds / 2))
    try:
        opened = BoundedConnection.connect(**(parameters | {"connect_timeout": timeout}))
    except psycopg.errors.ConnectionTimeout:
        breaker.note_silence()
        raise
    opened.autocommit = True
    # Before our own limit: a statement that waits for a lock ends, and the connection goes on.
    row = opened.execute(_OPENING, [f"{seconds * 800:.0f}"]).fetchone()
    if row is not None:
        note_database_time(row[1])
    breaker.note_answer()
    return opened
