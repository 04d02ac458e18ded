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

from django.db import connection, transaction
from django.db.models import F, QuerySet

from accounts.enums import AccountState
from accounts.models import Account, Session
from directory.enums import Profile

EndingHook = Callable[[tuple[UUID, ...]], None]
_hooks: list[EndingHook] = []
_CHUNK_SESSIONS = 5_000

# What `Account.is_active` and the epoch say, for all sessions at once.
_DEAD = """
SELECT s.key_hash FROM accounts_session s
  JOIN accounts_account a ON a.id = s.account_id
  JOIN directory_person p ON p.id = a.person_id
 WHERE s.epoch <> a.epoch OR a.state = %(blocked)s
    OR p.left_at IS NOT NULL OR p.profile = %(contact)s
 LIMIT %(limit)s
"""


def on_sessions_ended(hook: EndingHook) -> EndingHook:
    """Register what a higher room does when sign-ons are over, whatever ended them."""
    _hooks.append(hook)
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
        for hook in _hooks:
            hook(sign_ons)
    return sign_ons


@transaction.atomic
def end_sessions_of(*, account: Account) -> tuple[UUID, ...]:
    """End every session of the account: another epoch, and no row left."""
    Account.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
    ended = end_sessions(sessions=Session.objects.filter(account=account))
    account.refresh_from_db(fields=["epoch"])
    return ended


def end_sessions_in_chunks(*, sessions: QuerySet[Session]) -> int:
    """End any number of sessions, one short transaction per chunk; return how many sign-ons."""
    count = 0
    while keys := list(sessions.values_list("key_hash", flat=True)[:_CHUNK_SESSIONS]):
        count += len(end_sessions(sessions=sessions.filter(key_hash__in=keys)))
    return count


def end_dead_sessions() -> int:
    """End the sessions whose account may not go on, without waiting for their next request.

    An import or an update of many accounts raises an epoch or notes a departure in SQL: what hangs
    on the sign-on must end although its browser never comes back.
    """
    count = 0
    while keys := _dead_keys():
        ended = end_sessions(sessions=Session.objects.filter(key_hash__in=keys))
        count += len(ended)
        if len(keys) < _CHUNK_SESSIONS:
            break
    return count


def _dead_keys() -> list[str]:
    values: dict[str, str | int] = {
        "blocked": AccountState.BLOCKED.value,
        "contact": Profile.CONTACT.value,
        "limit": _CHUNK_SESSIONS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, values)
        return [str(row[0]) for row in cursor.fetchall()]
