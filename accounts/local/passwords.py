"""Choosing and changing one's own password."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from accounts.account import journal as account_journal
from accounts.account.access_state import copy_access_state
from accounts.account.models import Account
from accounts.enums import AccountState
from accounts.local import journal
from accounts.second_factor.verification import note_first_factor
from accounts.sign_in.opening import CODE_GENERATION_KEY, note_sign_in
from ent.audit.origin import Origin
from signin.enums import Method, Realm
from signin.passwords import hashing
from signin.sessions.endings import end_other_sessions
from signin.sessions.methods import note_methods
from signin.sessions.store import DOOR_KEY, EPOCH_KEY, sign_on_of

# The code dies and the account becomes active in one statement: of two tabs, one finds a code.
_ACTIVATE = """
WITH code AS (
    DELETE FROM accounts_activationcode
    WHERE account_id = %(account)s AND generation = %(generation)s AND expires_at > %(now)s
    RETURNING account_id
)
UPDATE accounts_account AS a SET
    password = %(password)s, state = %(active)s, must_choose_password = false,
    epoch = a.epoch + 1, activated_at = COALESCE(a.activated_at, %(now)s)
FROM code
WHERE a.id = code.account_id AND a.state <> %(blocked)s
    AND a.code_generation = %(generation)s AND a.epoch = %(epoch)s
RETURNING a.epoch
"""

# The epoch that the session was opened with is the condition: whoever changed it first wins.
_CHANGE = """
UPDATE accounts_account SET
    password = %(password)s, must_choose_password = false, epoch = epoch + 1
WHERE id = %(account)s AND epoch = %(epoch)s AND state = %(active)s
RETURNING epoch
"""


class AlreadyChosenError(Exception):
    """Another tab, another browser or a manager was first; nothing was changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    statement: str
    generation: int


def choose_password(
    *, request: HttpRequest, account: Account, password: str, origin: Origin
) -> None:
    """Set the password of somebody who had to choose one; activate the account if it was pending.

    Raises `AlreadyChosenError` when the code or the session was overtaken.
    """
    generation = int(request.session.get(CODE_GENERATION_KEY, 0))
    is_activation = account.state == AccountState.PENDING or bool(generation)
    change = _Change(statement=_ACTIVATE if is_activation else _CHANGE, generation=generation)
    hashed = hashing.hash_password(password)
    with transaction.atomic():
        epoch = _run(change, account, hashed)
        _end_other_sessions(request, account)
        copy_access_state(account_id=account.pk)
        if is_activation:
            note_sign_in(account=account, door_code=request.session.get(DOOR_KEY, ""))
            account_journal.account_activated(account, origin=origin)
        journal.password_chosen(account, origin=origin, mode="force")
    account.refresh_from_db(fields=["state", "must_choose_password", "epoch", "password"])
    _renew_session(request, epoch)


def change_password(
    *, request: HttpRequest, account: Account, password: str, origin: Origin
) -> None:
    """Set a new password for a signed-in person; every other session of theirs dies (T-B2)."""
    hashed = hashing.hash_password(password)
    with transaction.atomic():
        epoch = _run(_Change(statement=_CHANGE, generation=0), account, hashed)
        _end_other_sessions(request, account)
        journal.password_chosen(account, origin=origin, mode="volontaire")
    account.refresh_from_db(fields=["state", "must_choose_password", "epoch", "password"])
    _renew_session(request, epoch)


def _run(change: _Change, account: Account, hashed: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            change.statement,
            {
                "account": account.pk,
                "generation": change.generation,
                "epoch": account.epoch,
                "password": hashed,
                "now": timezone.now(),
                "active": AccountState.ACTIVE.value,
                "blocked": AccountState.BLOCKED.value,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise AlreadyChosenError
    return int(row[0])


def _end_other_sessions(request: HttpRequest, account: Account) -> None:
    end_other_sessions(realm=Realm.PORTAL, principal=account.uuid, keep=sign_on_of(request))


def _renew_session(request: HttpRequest, epoch: int) -> None:
    """A new key and a new forgery secret for the one session that goes on."""
    request.session[EPOCH_KEY] = epoch
    note_first_factor(request)
    request.session.pop(CODE_GENERATION_KEY, None)
    note_methods(request, Method.PASSWORD)
    request.session.cycle_key()
    rotate_token(request)
