"""What the journal keeps of signing in: one function per act, one statement each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import TextChoices

from accounts.enums import DoorAct, DoorFault, SignInOutcome
from accounts.models import Account, Door, DoorBinding, RefusedBinding, TermsText
from directory.models import School
from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import event_parameters, record


def _uai(account: Account | None) -> str:
    """Return the UAI of the account's main school: its managers read the event."""
    school: School | None = account.person.main_school if account is not None else None
    return school.uai if school is not None else ""


def _of_oneself(
    act: TextChoices, account: Account, origin: Origin, details: dict[str, object] | None = None
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


def second_factor_enrolled(account: Account, *, origin: Origin) -> None:
    """Somebody installed an authenticator application."""
    _of_oneself(Act.SECOND_FACTOR_ENROLLED, account, origin)


def second_factor_proved(account: Account, *, origin: Origin, mode: str) -> None:
    """A code of the application, or a recovery code, was right."""
    _of_oneself(Act.SECOND_FACTOR_PROVED, account, origin, {"mode": mode})


def second_factor_refused(account: Account, *, origin: Origin) -> None:
    """A code was wrong or had served: whoever typed it knows the password."""
    record(
        act=Act.SECOND_FACTOR_REFUSED,
        subject=account.person.uuid,
        school_uai=_uai(account),
        origin=origin,
        outcome=Outcome.REFUSED,
    )


def second_factor_removed(account: Account, *, origin: Origin) -> None:
    """Somebody took their own application away."""
    _of_oneself(Act.SECOND_FACTOR_REMOVED, account, origin)


def second_factor_reset(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge reset the second factor of who lost the device."""
    _by(Act.SECOND_FACTOR_RESET, account, actor, origin)


def recovery_codes_renewed(account: Account, *, origin: Origin) -> None:
    """Somebody replaced their recovery codes."""
    _of_oneself(Act.RECOVERY_CODES_RENEWED, account, origin)


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


def bound(account: Account, *, door: Door, origin: Origin) -> None:
    """The first sign-in through an academy tied its subject to the account."""
    _of_oneself(DoorAct.BOUND, account, origin, {"door": door.code})


def bound_by_hand(account: Account, *, door: Door, actor: UUID, origin: Origin) -> None:
    """An administrator tied an academic subject to the account."""
    record(
        act=DoorAct.BOUND,
        actor=actor,
        subject=account.person.uuid,
        school_uai=_uai(account),
        authority_code=_authority(door),
        origin=origin,
        details={"door": door.code, "mode": "manuel"},
    )


def binding_refused(refused: RefusedBinding, *, account: Account | None, origin: Origin) -> None:
    """Somebody whom the academy knows did not come in; who it was stays in the refusal's row."""
    record(
        act=DoorAct.BINDING_REFUSED,
        subject=account.person.uuid if account is not None else None,
        school_uai=_uai(account),
        authority_code=_authority(refused.door),
        origin=origin,
        outcome=Outcome.REFUSED,
        details={"reason": refused.reason, "reference": refused.reference},
    )


def refusal_closed(refused: RefusedBinding, *, actor: UUID, origin: Origin) -> None:
    """An administrator dealt with a refusal."""
    record(
        act=DoorAct.REFUSAL_CLOSED,
        actor=actor,
        authority_code=_authority(refused.door),
        origin=origin,
        details={"reason": refused.reason, "reference": refused.reference},
    )


def unbound(binding: DoorBinding, *, actor: UUID | None, origin: Origin) -> None:
    """An administrator cut an account from its academic subject."""
    record(
        act=DoorAct.UNBOUND,
        actor=actor,
        subject=binding.account.person.uuid,
        school_uai=_uai(binding.account),
        authority_code=_authority(binding.door),
        origin=origin,
        details={"door": binding.door.code},
    )


def signed_out_by_door(account: Account, *, door: Door, origin: Origin) -> None:
    """The academy ended a session that one of its tickets had opened."""
    record(
        act=DoorAct.SIGNED_OUT_BY_DOOR,
        subject=account.person.uuid,
        school_uai=_uai(account),
        authority_code=_authority(door),
        origin=origin,
        details={"door": door.code},
    )


def door_changed(door: Door, *, fields: list[str], actor: UUID, origin: Origin) -> None:
    """A door was added, changed, opened or closed: which settings, never their values."""
    record(
        act=Act.DOOR_CHANGED,
        actor=actor,
        authority_code=_authority(door),
        origin=origin,
        details={"door": door.code, "fields": ",".join(sorted(fields))[:100]},
    )


def door_tested(door: Door, *, fault: DoorFault | None, actor: UUID, origin: Origin) -> None:
    """An administrator made us contact the academy's server."""
    record(
        act=DoorAct.DOOR_TESTED,
        actor=actor,
        authority_code=_authority(door),
        origin=origin,
        outcome=Outcome.SUCCESS if fault is None else Outcome.FAILED,
        details={"door": door.code, "reason": fault.value if fault is not None else ""},
    )


def _authority(door: Door) -> str:
    return door.authority.code if door.authority is not None else ""


def login_changed(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge gave the account another login."""
    _by(Act.LOGIN_CHANGED, account, actor, origin)


def password_regenerated(account: Account, *, actor: UUID | None, origin: Origin | None) -> None:
    """Somebody in charge replaced the password by a code to hand over."""
    _by(Act.PASSWORD_REGENERATED, account, actor, origin)


def _by(act: Act, account: Account, actor: UUID | None, origin: Origin | None) -> None:
    record(
        act=act,
        actor=actor,
        subject=account.person.uuid,
        school_uai=_uai(account),
        origin=origin,
    )
