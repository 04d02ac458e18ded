"""What the journal keeps of passwords."""

from __future__ import annotations

from accounts.account.journal import record_of_oneself
from accounts.account.models import Account
from ent.audit.enums import Act
from ent.audit.origin import Origin


def password_chosen(account: Account, *, origin: Origin, mode: str) -> None:
    """A password was chosen: first, forced or by oneself."""
    record_of_oneself(Act.PASSWORD_CHOSEN, account, origin, {"mode": mode})
