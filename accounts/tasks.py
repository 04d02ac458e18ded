"""The regular rounds of signing in."""

from __future__ import annotations

import logging

from celery import shared_task

from accounts import journal, throttle
from accounts.services.access_state import copy_late_access_states
from accounts.services.bindings import purge_refusals
from accounts.services.endings import end_dead_sessions
from accounts.sessions import SessionStore
from ent.celery import every

logger = logging.getLogger(__name__)

WATCH = "accounts.watch_sign_ins"
PURGE = "accounts.purge"
COPY_STATES = "accounts.copy_states"
END_DEAD = "accounts.end_dead_sessions"


@shared_task(name=WATCH)
def watch_sign_ins() -> None:
    """Raise the alarm when, over all addresses, accounts fail far more than they succeed (T-A9)."""
    if throttle.is_spray_under_way():
        logger.error("passwords are being tried in series from many addresses")
        journal.spray_under_way()


@shared_task(name=PURGE)
def purge() -> None:
    """End sessions that are over, and delete counts that no rule reads any more."""
    SessionStore.clear_expired()
    throttle.purge()
    purge_refusals()


@shared_task(name=COPY_STATES)
def copy_states() -> None:
    """Show in the directory the states whose persons were held by an import."""
    copy_late_access_states()


@shared_task(name=END_DEAD)
def end_dead() -> None:
    """End the sessions whose account was closed set-wise, with what hangs on them."""
    end_dead_sessions()


every(60, WATCH)
every(60, END_DEAD)
every(60, COPY_STATES)
every(900, PURGE)
