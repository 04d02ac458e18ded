"""Forgetting what a process remembers of what was away."""

from __future__ import annotations

import time

from ent.database import patience
from ent.database.clock import note_database_time
from ent.jobs import waking
from ent.outages.notices import told_at


def close_breakers() -> None:
    """Ask the database and the broker again."""
    patience.breaker.note_answer()
    waking.breaker.note_answer()


def forget_outages() -> None:
    """Begin with nothing away, nothing told, and our own clock."""
    close_breakers()
    told_at.clear()
    note_database_time(time.time())
