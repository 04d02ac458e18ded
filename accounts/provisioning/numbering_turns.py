"""Imports that give the same logins at once take turns, from their second try on.

Numbers are given before the transaction, so two imports may give the same one: the second to write
is stopped by the unique login. Its next try holds the lock of numbering from there to its commit,
and whoever writes accounts meanwhile waits: it cannot be stopped again.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import DatabaseError, connection

_LOCK = 0x4C4F4749
"""« LOGI »: an advisory lock of one number."""


class NumberingTurns:
    """The turns of one import."""

    def __init__(self) -> None:
        self._tries = 0
        self._is_held = False

    def before_numbering(self) -> None:
        """On the second try, wait for the writers of accounts and keep new ones waiting."""
        self._tries += 1
        if self._tries > 1 and not self._is_held:
            _execute("SELECT pg_advisory_lock(%s)")
            self._is_held = True

    def before_writing(self) -> None:
        """In the transaction: beside other writers, but not beside who holds the lock."""
        _execute("SELECT pg_advisory_xact_lock_shared(%s)")

    def end(self) -> None:
        """Give the lock back; a connection that is lost has given it back itself."""
        if self._is_held:
            with suppress(DatabaseError):
                _execute("SELECT pg_advisory_unlock(%s)")
            self._is_held = False


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_LOCK])
