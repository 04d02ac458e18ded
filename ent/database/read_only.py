"""Running code that may write nothing, and that leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

_postponed: ContextVar[list[Callable[[], object]] | None] = ContextVar("postponed", default=None)


@contextmanager
def read_only() -> Iterator[list[Callable[[], object]]]:
    """Run the block in a transaction that PostgreSQL lets read only, and undo it.

    A write raises `InternalError` (SQLSTATE 25006). Functions of `on_commit` are dropped. The block
    gets the list of the writes that were postponed; its caller runs them afterwards, or not.
    """
    postponed: list[Callable[[], object]] = []
    token = _postponed.set(postponed)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            try:
                yield postponed
            finally:
                transaction.set_rollback(True)
    finally:
        _postponed.reset(token)


def postpone(write: Callable[[], object]) -> bool:
    """Keep *write* for after a `read_only` block; False outside of one, where nothing is kept."""
    postponed = _postponed.get()
    if postponed is None:
        return False
    postponed.append(write)
    return True
