"""The one place where sessions end, and how a higher room hears of it.

Sign-out, block, new password, « Fermer », a limit reached, a session found dead at a request: every
cause deletes its rows here, and the hooks learn in the same transaction which *sign-ons* are over.
A sign-on is a random identifier without meaning (`Session.sign_on`): whoever ties something to it
(a ticket, a service's session) never holds a session key, and learns nothing about anybody.

    # sso/apps.py, AppConfig.ready
    on_sessions_ended(queue_logouts)

A hook takes the sign-ons as one tuple, set-wise: write rows with one statement, and leave the work
to a job. It runs inside the ending's transaction: when it raises, nothing has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from signin.enums import Realm
from signin.sessions.models import Session

EndingHook = Callable[[tuple[UUID, ...]], None]
ending_hooks: list[EndingHook] = []
CHUNK_SESSIONS = 5_000


def on_sessions_ended(hook: EndingHook) -> EndingHook:
    """Register what a higher room does when sign-ons are over, whatever ended them."""
    ending_hooks.append(hook)
    return hook


@transaction.atomic
def end_sessions(*, sessions: QuerySet[Session]) -> tuple[UUID, ...]:
    """Delete the sessions and tell the hooks; return the sign-ons that ended here.

    Rows are locked in one order and each ends once, however many processes end it.
    """
    locked = sessions.select_for_update(of=("self",)).order_by("key_hash")
    rows = list(locked.values_list("key_hash", "sign_on"))
    if not rows:
        return ()
    Session.objects.filter(key_hash__in=[key_hash for key_hash, _ in rows]).delete()
    sign_ons = tuple(sign_on for _, sign_on in rows if sign_on is not None)
    if sign_ons:
        for hook in ending_hooks:
            hook(sign_ons)
    return sign_ons


def end_other_sessions(*, realm: Realm, principal: UUID, keep: UUID | None) -> int:
    """End every session of the principal but that of the sign-on *keep*; return how many."""
    sessions = Session.objects.of(realm, principal)
    if keep is not None:
        sessions = sessions.exclude(sign_on=keep)
    return len(end_sessions(sessions=sessions))


def end_sessions_in_chunks(*, sessions: QuerySet[Session]) -> int:
    """End any number of sessions, one short transaction per chunk; return how many sign-ons."""
    count = 0
    while keys := list(sessions.values_list("key_hash", flat=True)[:CHUNK_SESSIONS]):
        count += len(end_sessions(sessions=sessions.filter(key_hash__in=keys)))
    return count
