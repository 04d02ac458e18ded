"""What the journal keeps of bindings to an academy’s identifiers."""

from __future__ import annotations

from uuid import UUID

from accounts.account.journal import record_of_oneself, school_uai_of
from accounts.account.models import Account
from accounts.doors.base.journal import authority_code_of
from accounts.doors.base.models import Door
from accounts.doors.bindings.models import DoorBinding, RefusedBinding
from accounts.enums import DoorAct
from ent.audit.enums import Outcome
from ent.audit.origin import Origin
from ent.audit.services import record


def bound(account: Account, *, door: Door, origin: Origin) -> None:
    """The first sign-in through an academy tied its subject to the account."""
    record_of_oneself(DoorAct.BOUND, account, origin, {"door": door.code})


def bound_by_hand(account: Account, *, door: Door, actor: UUID, origin: Origin) -> None:
    """An administrator tied an academic subject to the account."""
    record(
        act=DoorAct.BOUND,
        actor=actor,
        subject=account.person.uuid,
        school_uai=school_uai_of(account),
        authority_code=authority_code_of(door),
        origin=origin,
        details={"door": door.code, "mode": "manuel"},
    )


def binding_refused(refused: RefusedBinding, *, account: Account | None, origin: Origin) -> None:
    """Somebody whom the academy knows did not come in; who it was stays in the refusal's row."""
    record(
        act=DoorAct.BINDING_REFUSED,
        subject=account.person.uuid if account is not None else None,
        school_uai=school_uai_of(account),
        authority_code=authority_code_of(refused.door),
        origin=origin,
        outcome=Outcome.REFUSED,
        details={"reason": refused.reason, "reference": refused.reference},
    )


def refusal_closed(refused: RefusedBinding, *, actor: UUID, origin: Origin) -> None:
    """An administrator dealt with a refusal."""
    record(
        act=DoorAct.REFUSAL_CLOSED,
        actor=actor,
        authority_code=authority_code_of(refused.door),
        origin=origin,
        details={"reason": refused.reason, "reference": refused.reference},
    )


def unbound(binding: DoorBinding, *, actor: UUID | None, origin: Origin) -> None:
    """An administrator cut an account from its academic subject."""
    record(
        act=DoorAct.UNBOUND,
        actor=actor,
        subject=binding.account.person.uuid,
        school_uai=school_uai_of(binding.account),
        authority_code=authority_code_of(binding.door),
        origin=origin,
        details={"door": binding.door.code},
    )
