"""What the journal keeps of coming in and going out."""

from __future__ import annotations

from typing import Any

from accounts.account.journal import record_of_oneself, school_uai_of
from accounts.account.models import Account
from accounts.enums import SignInOutcome
from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import event_parameters, record


def signed_in(account: Account, *, origin: Origin, mode: str) -> None:
    """Somebody proved who they are, with a password or with a code."""
    record_of_oneself(_act_of(mode), account, origin, {"mode": mode})


def signed_in_parameters(account: Account, *, origin: Origin, mode: str) -> dict[str, Any]:
    """The same event, for the statement that notes the sign-in."""
    person = account.person.uuid
    return event_parameters(
        act=_act_of(mode),
        actor=person,
        subject=person,
        school_uai=school_uai_of(account),
        origin=origin,
        details={"mode": mode},
    )


def _act_of(mode: str) -> Act:
    return Act.CODE_USED if mode == SignInOutcome.CODE else Act.SIGN_IN_SUCCEEDED


def sign_in_failed(account: Account | None, *, origin: Origin) -> None:
    """A try was refused; the same statement whether the login exists or not (T-A2)."""
    record(
        act=Act.SIGN_IN_FAILED,
        subject=account.person.uuid if account is not None else None,
        school_uai=school_uai_of(account),
        origin=origin,
        outcome=Outcome.REFUSED,
    )


def failed_try_parameters(account: Account | None, *, origin: Origin) -> dict[str, Any]:
    """The same event, for the statement that counts the failure."""
    return event_parameters(
        act=Act.SIGN_IN_FAILED,
        subject=account.person.uuid if account is not None else None,
        school_uai=school_uai_of(account),
        origin=origin,
        outcome=Outcome.REFUSED,
    )


def signed_out(account: Account, *, origin: Origin) -> None:
    """Somebody closed their session."""
    record_of_oneself(Act.SIGNED_OUT, account, origin)


def sessions_closed(account: Account, *, origin: Origin, count: int) -> None:
    """Somebody closed sessions of their own in other browsers."""
    record_of_oneself(Act.SESSIONS_CLOSED, account, origin, {"count": count})
