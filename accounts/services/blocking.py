"""Closing an account at once, and opening it again.

Who may do so is decided by the caller's permissions; these services do it, whole, with its event.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from accounts import journal, throttle
from accounts.enums import AccountKind, AccountState
from accounts.models import Account, Session
from accounts.services.access_state import copy_access_state
from accounts.services.endings import end_sessions
from accounts.services.second_factor import forget_tries
from ent.audit.origin import Origin


@transaction.atomic
def block_account(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> None:
    """Close the account: every session of it is refused at its next request."""
    Account.objects.filter(pk=account.pk).update(state=AccountState.BLOCKED, epoch=F("epoch") + 1)
    _after(account)
    journal.account_blocked(account, actor=actor, origin=origin)


@transaction.atomic
def unblock_account(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> None:
    """Open the account again: active if it has a password or an academy, else waiting for a code.

    Somebody who was rescued just before the block has neither password nor session: they wait.
    """
    Account.objects.filter(pk=account.pk, state=AccountState.BLOCKED).update(
        state=Case(
            When(
                ~Q(password="") | Q(kind=AccountKind.ACADEMIC, activated_at__isnull=False),
                then=Value(AccountState.ACTIVE),
            ),
            default=Value(AccountState.PENDING),
        ),
        epoch=F("epoch") + 1,
    )
    _after(account)
    journal.account_unblocked(account, actor=actor, origin=origin)


@transaction.atomic
def end_wait(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> None:
    """« Débloquer » after too many wrong passwords: the next try is evaluated at once (T-A8)."""
    throttle.forget_login(account.login)
    forget_tries(account)
    journal.wait_ended(account, actor=actor, origin=origin)


def forget_wait(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> None:
    """Nothing is left of wrong tries; the journal says so where somebody really waited."""
    if throttle.wait_of(account.login):
        end_wait(account=account, actor=actor, origin=origin)
        return
    throttle.forget_login(account.login)
    forget_tries(account)


def _after(account: Account) -> None:
    end_sessions(sessions=Session.objects.filter(account=account))
    copy_access_state(account_id=account.pk)
    account.refresh_from_db(fields=["state", "epoch"])
