"""Closing an account at once, and opening it again.

Who may do so is decided by the caller's permissions; these services do it, whole, with its event.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.account.access_state import copy_access_state
from accounts.account.models import Account, AccountBlock
from accounts.desk import journal
from accounts.enums import AccountKind, AccountState
from accounts.second_factor.services import forget_tries
from directory.models import Person
from ent.audit.origin import Origin
from signin.sessions.endings import end_sessions
from signin.throttle import services as throttle


@transaction.atomic
def block_account(
    *,
    account: Account,
    actor: UUID | None,
    reason: str = "",
    last_day: date | None = None,
    origin: Origin | None = None,
) -> None:
    """Close the account: every session of it is refused at its next request.

    *reason* is for those who may restore it, and stays out of the journal; after *last_day* the
    account opens by itself.
    """
    Account.objects.filter(pk=account.pk).update(state=AccountState.BLOCKED, epoch=F("epoch") + 1)
    if reason:
        by = Person.objects.filter(uuid=actor).first() if actor is not None else None
        AccountBlock.objects.update_or_create(
            account=account,
            defaults={
                "reason": reason,
                "last_day": last_day,
                "blocked_by": by,
                "blocked_at": timezone.now(),
            },
        )
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
    AccountBlock.objects.filter(account=account).delete()
    _after(account)
    journal.account_unblocked(account, actor=actor, origin=origin)


def end_blocks() -> int:
    """Open again the accounts whose block ended yesterday or before; return how many."""
    over = AccountBlock.objects.filter(last_day__lt=timezone.localdate())
    ended = 0
    for pk in over.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            block = AccountBlock.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if block is None or block.last_day is None or block.last_day >= timezone.localdate():
                continue  # somebody restored the account, or made the block longer, meanwhile
            unblock_account(account=block.account, actor=None)
            ended += 1
    return ended


@transaction.atomic
def end_wait(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> None:
    """« Débloquer » after too many wrong passwords: the next try is evaluated at once (T-A8)."""
    throttle.forget_login(account.login)
    forget_tries(account)
    journal.wait_ended(account, actor=actor, origin=origin)


def forget_wait(*, account: Account, actor: UUID | None, origin: Origin | None = None) -> None:
    """Forget every wrong try; the journal has an event only if somebody had to wait."""
    if throttle.wait_of(account.login):
        end_wait(account=account, actor=actor, origin=origin)
        return
    throttle.forget_login(account.login)
    forget_tries(account)


def _after(account: Account) -> None:
    end_sessions(sessions=account.sessions)
    copy_access_state(account_id=account.pk)
    account.refresh_from_db(fields=["state", "epoch"])
