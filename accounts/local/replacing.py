"""A new password for somebody who proved who they are otherwise than with the former one."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from accounts.account import journal as account_journal
from accounts.account.access_state import copy_access_state
from accounts.account.models import Account
from accounts.enums import AccountKind, AccountState
from accounts.local import journal
from accounts.local.passwords import AlreadyChosenError
from ent.audit.origin import Origin
from signin.sessions.endings import end_sessions

# The epoch is the condition, as for every other change of a password: whoever was first wins.
# A printed code dies in the same statement.
_REPLACE = """
WITH code AS (DELETE FROM accounts_activationcode WHERE account_id = %(account)s)
UPDATE accounts_account AS a SET
    password = %(password)s, state = %(active)s, must_choose_password = false,
    epoch = a.epoch + 1, activated_at = COALESCE(a.activated_at, %(now)s)
WHERE a.id = %(account)s AND a.epoch = %(epoch)s AND a.kind = %(local)s AND a.state <> %(blocked)s
RETURNING a.epoch
"""


@transaction.atomic
def replace_password(
    *, account: Account, epoch: int, hashed: str, mode: str, origin: Origin
) -> None:
    """Set a password (its hash), activate the account if it waited, end all its sessions.

    *epoch* is the account's when the proof was given: after a password, a block or an activation
    that came first, `AlreadyChosenError` and nothing was changed. *mode* says in the journal what
    the proof was.
    """
    was_pending = account.state == AccountState.PENDING
    with connection.cursor() as cursor:
        cursor.execute(
            _REPLACE,
            {
                "account": account.pk,
                "epoch": epoch,
                "password": hashed,
                "now": timezone.now(),
                "active": AccountState.ACTIVE.value,
                "blocked": AccountState.BLOCKED.value,
                "local": AccountKind.LOCAL.value,
            },
        )
        if cursor.fetchone() is None:
            raise AlreadyChosenError
    end_sessions(sessions=account.sessions)
    copy_access_state(account_id=account.pk)
    if was_pending:
        account_journal.account_activated(account, origin=origin)
    journal.password_chosen(account, origin=origin, mode=mode)
    account.refresh_from_db()
