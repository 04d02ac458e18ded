"""What the journal keeps of forced steps."""

from __future__ import annotations

from accounts.account.journal import record_of_oneself
from accounts.account.models import Account
from accounts.steps.models import TermsText
from ent.audit.enums import Act
from ent.audit.origin import Origin


def terms_accepted(account: Account, *, text: TermsText, origin: Origin) -> None:
    """A version of the terms was accepted."""
    record_of_oneself(Act.TERMS_ACCEPTED, account, origin, {"version": text.version})
