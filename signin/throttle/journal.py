"""What the journal keeps of passwords that are tried in series."""

from __future__ import annotations

from ent.audit.enums import Act, Outcome
from ent.audit.origin import Origin
from ent.audit.services import record
from signin.realms import current_realm


def address_slowed(*, origin: Origin) -> None:
    """Passwords are being tried in series from one address."""
    record(
        act=Act.SPRAY_DETECTED, origin=origin, outcome=Outcome.REFUSED, details={"scope": "address"}
    )


def spray_under_way() -> None:
    """Passwords are being tried in series from many addresses."""
    record(
        act=Act.SPRAY_DETECTED,
        outcome=Outcome.REFUSED,
        details={"scope": current_realm().name.lower()},
    )
