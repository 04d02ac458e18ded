"""Sealing the journal in a test, whatever else PostgreSQL does in its database meanwhile."""

from __future__ import annotations

from time import monotonic

from ent.audit.chain import seal_journal

_PATIENCE_SECONDS = 30


def seal_events(count: int) -> int:
    """Seal until *count* events are sealed, and return how many were.

    PostgreSQL's own work (autovacuum, statistics) may hold a transaction open for a moment; events
    that are newer than it are sealed by a later pass, in production too.
    """
    deadline = monotonic() + _PATIENCE_SECONDS
    sealed = seal_journal()
    while sealed < count and monotonic() < deadline:
        sealed += seal_journal()
    return sealed
