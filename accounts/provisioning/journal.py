"""What the journal keeps of logins and passwords given by somebody in charge."""

from __future__ import annotations

from uuid import UUID

from accounts.account.journal import record_by
from accounts.account.models import Account
from ent.audit.enums import Act
from ent.audit.origin import Origin


def login_changed(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge gave the account another login."""
    record_by(Act.LOGIN_CHANGED, account, actor, origin)


def password_regenerated(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge replaced the password by a code to hand over."""
    record_by(Act.PASSWORD_REGENERATED, account, actor, origin)
