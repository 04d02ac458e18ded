"""The regular rounds of accounts."""

from __future__ import annotations

from celery import shared_task

from accounts.account.access_state import copy_late_access_states
from accounts.desk.blocking import end_blocks
from accounts.doors.bindings.matching import purge_refusals
from accounts.doors.returns.stored_returns import purge_returns
from accounts.session_ends.endings import end_dead_sessions
from ent.celery import every

PURGE = "accounts.purge"
COPY_STATES = "accounts.copy_states"
END_BLOCKS = "accounts.end_blocks"
END_DEAD = "accounts.end_dead_sessions"


@shared_task(name=PURGE)
def purge() -> None:
    """Delete refusals and returns of academic sign-ins that are too old."""
    purge_refusals()
    purge_returns()


@shared_task(name=COPY_STATES)
def copy_states() -> None:
    """Show in the directory the states whose persons were held by an import."""
    copy_late_access_states()


@shared_task(name=END_DEAD)
def end_dead() -> None:
    """End the sessions whose account was closed set-wise, with what hangs on them."""
    end_dead_sessions()


@shared_task(name=END_BLOCKS)
def end_blocks_that_are_over() -> None:
    """Open again the accounts that were blocked until yesterday."""
    end_blocks()


every(300, END_BLOCKS)
every(60, END_DEAD)
every(60, COPY_STATES)
every(900, PURGE)
