"""What an import asks of PostgreSQL for its own session: room to sort, and no compiling.

A hash of a million rows must not go to disk; and compiling a statement that runs once
(``jit``, on by default) costs more than it ever saves here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_SETTINGS = {"work_mem": "192MB", "maintenance_work_mem": "256MB", "jit": "off"}


@contextmanager
def session_of_import() -> Iterator[None]:
    """Within: the settings of an import; after: those of the server again."""
    with connection.cursor() as cursor:
        cursor.execute(_set("SET"))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(f"RESET {name}" for name in _SETTINGS))


def tune_transaction() -> None:
    """The same, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_set("SET LOCAL"))


def _set(command: str) -> str:
    return "; ".join(f"{command} {name} = '{value}'" for name, value in _SETTINGS.items())
