"""What the journal keeps of acts on somebody else’s account."""

from __future__ import annotations

from uuid import UUID

from accounts.account.journal import record_by
from accounts.account.models import Account
from ent.audit.enums import Act
from ent.audit.origin import Origin


def account_blocked(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge closed the account."""
    record_by(Act.ACCOUNT_BLOCKED, account, actor, origin)


def account_unblocked(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge opened the account again."""
    record_by(Act.ACCOUNT_UNBLOCKED, account, actor, origin)


def wait_ended(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge ended the wait earned by wrong passwords."""
    record_by(Act.ACCOUNT_UNLOCKED, account, actor, origin)
