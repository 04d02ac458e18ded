"""What the journal keeps of doors."""

from __future__ import annotations

from uuid import UUID

from accounts.account.journal import school_uai_of
from accounts.account.models import Account
from accounts.doors.base.models import Door
from accounts.enums import DoorAct, DoorFault
from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import record


def signed_out_by_door(account: Account, *, door: Door, origin: Origin) -> None:
    """The academy ended a session that one of its tickets had opened."""
    record(
        act=DoorAct.SIGNED_OUT_BY_DOOR,
        subject=account.person.uuid,
        school_uai=school_uai_of(account),
        authority_code=authority_code_of(door),
        origin=origin,
        details={"door": door.code},
    )


def door_changed(door: Door, *, fields: list[str], actor: UUID, origin: Origin) -> None:
    """A door was added, changed, opened or closed: which settings, never their values."""
    record(
        act=Act.DOOR_CHANGED,
        actor=actor,
        authority_code=authority_code_of(door),
        origin=origin,
        details={"door": door.code, "fields": ",".join(sorted(fields))[:100]},
    )


def door_tested(door: Door, *, fault: DoorFault | None, actor: UUID, origin: Origin) -> None:
    """An administrator made us contact the academy's server."""
    record(
        act=DoorAct.DOOR_TESTED,
        actor=actor,
        authority_code=authority_code_of(door),
        origin=origin,
        outcome=Outcome.SUCCESS if fault is None else Outcome.FAILED,
        details={"door": door.code, "reason": fault.value if fault is not None else ""},
    )


def authority_code_of(door: Door) -> str:
    return door.authority.code if door.authority is not None else ""
