"""What the journal keeps of signing in: one function per act, one statement each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.enums import SignInOutcome
from accounts.models import Account, TermsText
from directory.models import School
from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import event_parameters, record


def _uai(account: Account | None) -> str:
    """Return the UAI of the account's main school: its managers read the event."""
    school: School | None = account.person.main_school if account is not None else None
    return school.uai if school is not None else ""


def _of_oneself(
    act: Act, account: Account, origin: Origin, details: dict[str, object] | None = None
) -> None:
    person = account.person.uuid
    record(
        act=act,
        actor=person,
        subject=person,
        school_uai=_uai(account),
        origin=origin,
        details=details,
    )


def signed_in(account: Account, *, origin: Origin, mode: str) -> None:
    """Somebody proved who they are, with a password or with a code."""
    _of_oneself(_act_of(mode), account, origin, {"mode": mode})


def signed_in_parameters(account: Account, *, origin: Origin, mode: str) -> dict[str, Any]:
    """The same event, for the statement that notes the sign-in."""
    person = account.person.uuid
    return event_parameters(
        act=_act_of(mode),
        actor=person,
        subject=person,
        school_uai=_uai(account),
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
        school_uai=_uai(account),
        origin=origin,
        outcome=Outcome.REFUSED,
    )


def failed_try_parameters(account: Account | None, *, origin: Origin) -> dict[str, Any]:
    """The same event, for the statement that counts the failure."""
    return event_parameters(
        act=Act.SIGN_IN_FAILED,
        subject=account.person.uuid if account is not None else None,
        school_uai=_uai(account),
        origin=origin,
        outcome=Outcome.REFUSED,
    )


def address_slowed(*, origin: Origin) -> None:
    """Passwords are being tried in series from one address."""
    record(
        act=Act.SPRAY_DETECTED, origin=origin, outcome=Outcome.REFUSED, details={"scope": "address"}
    )


def spray_under_way() -> None:
    """Passwords are being tried in series from many addresses."""
    record(act=Act.SPRAY_DETECTED, outcome=Outcome.REFUSED, details={"scope": "portal"})


def signed_out(account: Account, *, origin: Origin) -> None:
    """Somebody closed their session."""
    _of_oneself(Act.SIGNED_OUT, account, origin)


def sessions_closed(account: Account, *, origin: Origin, count: int) -> None:
    """Somebody closed sessions of their own in other browsers."""
    _of_oneself(Act.SESSIONS_CLOSED, account, origin, {"count": count})


def password_chosen(account: Account, *, origin: Origin, mode: str) -> None:
    """A password was chosen: first, forced or by oneself."""
    _of_oneself(Act.PASSWORD_CHOSEN, account, origin, {"mode": mode})


def account_activated(account: Account, *, origin: Origin) -> None:
    """The activation code was exchanged for a password."""
    _of_oneself(Act.ACCOUNT_ACTIVATED, account, origin)


def terms_accepted(account: Account, *, text: TermsText, origin: Origin) -> None:
    """A version of the terms was accepted."""
    _of_oneself(Act.TERMS_ACCEPTED, account, origin, {"version": text.version})


def account_blocked(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge closed the account."""
    _by(Act.ACCOUNT_BLOCKED, account, actor, origin)


def account_unblocked(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge opened the account again."""
    _by(Act.ACCOUNT_UNBLOCKED, account, actor, origin)


def wait_ended(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge ended the wait earned by wrong passwords."""
    _by(Act.ACCOUNT_UNLOCKED, account, actor, origin)


def _by(act: Act, account: Account, actor: UUID | None, origin: Origin | None) -> None:
    record(
        act=act,
        actor=actor,
        subject=account.person.uuid,
        school_uai=_uai(account),
        origin=origin,
    )
