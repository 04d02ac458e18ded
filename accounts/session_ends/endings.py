"""The end of an account's sessions: one account at once, many at the end of each minute."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from accounts.account.models import Account
from accounts.enums import AccountState
from accounts.session_ends import journal
from directory.enums import Profile
from ent.audit.origin import Origin
from signin.enums import Realm
from signin.sessions.endings import CHUNK_SESSIONS, end_other_sessions, end_sessions
from signin.sessions.models import Session

# What `Account.is_active` and the epoch say, for all sessions at once.
_DEAD = """
SELECT s.key_hash FROM signin_session s
  LEFT JOIN accounts_account a ON a.uuid = s.principal
  LEFT JOIN directory_person p ON p.id = a.person_id
 WHERE s.realm = %(realm)s AND s.principal IS NOT NULL
   AND (a.id IS NULL OR s.epoch <> a.epoch OR a.state = %(blocked)s
    OR p.left_at IS NOT NULL OR p.profile = %(contact)s)
 LIMIT %(limit)s
"""


@transaction.atomic
def end_account_sessions(*, account: Account) -> tuple[UUID, ...]:
    """End every session of the account: another epoch, and no row left."""
    Account.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
    ended = end_sessions(sessions=account.sessions)
    account.refresh_from_db(fields=["epoch"])
    return ended


@transaction.atomic
def close_sessions_elsewhere(*, account: Account, keep: UUID | None, origin: Origin) -> int:
    """End every session of the account but that of the sign-on *keep*; return how many."""
    count = end_other_sessions(realm=Realm.PORTAL, principal=account.uuid, keep=keep)
    if count:
        journal.sessions_closed(account, origin=origin, count=count)
    return count


def end_dead_sessions() -> int:
    """End the sessions whose account may not go on, without waiting for their next request.

    An import or an update of many accounts raises an epoch or notes a departure in SQL: what hangs
    on the sign-on must end although its browser never comes back.
    """
    count = 0
    while keys := _dead_keys():
        count += len(end_sessions(sessions=Session.objects.filter(key_hash__in=keys)))
        if len(keys) < CHUNK_SESSIONS:
            break
    return count


def _dead_keys() -> list[str]:
    values: dict[str, str | int] = {
        "realm": Realm.PORTAL.value,
        "blocked": AccountState.BLOCKED.value,
        "contact": Profile.CONTACT.value,
        "limit": CHUNK_SESSIONS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DEAD, values)
        return [str(row[0]) for row in cursor.fetchall()]
