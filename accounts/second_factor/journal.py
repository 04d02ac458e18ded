"""What the journal keeps of second factors."""

from __future__ import annotations

from uuid import UUID

from accounts.account.journal import record_by, record_of_oneself, school_uai_of
from accounts.account.models import Account
from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import record


def second_factor_enrolled(account: Account, *, origin: Origin) -> None:
    """Somebody installed an authenticator application."""
    record_of_oneself(Act.SECOND_FACTOR_ENROLLED, account, origin)


def second_factor_proved(account: Account, *, origin: Origin, mode: str) -> None:
    """A code of the application, or a recovery code, was right."""
    record_of_oneself(Act.SECOND_FACTOR_PROVED, account, origin, {"mode": mode})


def second_factor_refused(account: Account, *, origin: Origin) -> None:
    """A code was wrong or had served: whoever typed it knows the password."""
    record(
        act=Act.SECOND_FACTOR_REFUSED,
        subject=account.person.uuid,
        school_uai=school_uai_of(account),
        origin=origin,
        outcome=Outcome.REFUSED,
    )


def second_factor_removed(account: Account, *, origin: Origin) -> None:
    """Somebody took their own application away."""
    record_of_oneself(Act.SECOND_FACTOR_REMOVED, account, origin)


def second_factor_reset(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge reset the second factor of who lost the device."""
    record_by(Act.SECOND_FACTOR_RESET, account, actor, origin)


def recovery_codes_renewed(account: Account, *, origin: Origin) -> None:
    """Somebody replaced their recovery codes."""
    record_of_oneself(Act.RECOVERY_CODES_RENEWED, account, origin)
