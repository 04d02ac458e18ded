"""The regular rounds of a realm's sign-in; each process sweeps its own realm."""

from __future__ import annotations

import logging

from celery import shared_task

from ent.celery import every
from signin.kept_answers.services import purge_answers
from signin.kept_forms.services import purge_forms
from signin.sessions.store import SessionStore
from signin.throttle import journal
from signin.throttle import services as throttle

logger = logging.getLogger(__name__)

WATCH = "signin.watch_sign_ins"
PURGE = "signin.purge"


@shared_task(name=WATCH)
def watch_sign_ins() -> None:
    """Raise the alarm when, over all addresses, accounts fail far more than they succeed (T-A9)."""
    if throttle.is_spray_under_way():
        logger.error("passwords are being tried in series from many addresses")
        journal.spray_under_way()


@shared_task(name=PURGE)
def purge() -> None:
    """End sessions that are over, and delete counts, forms and answers that nothing reads."""
    SessionStore.clear_expired()
    throttle.purge()
    purge_forms()
    purge_answers()


every(60, WATCH)
every(900, PURGE)
