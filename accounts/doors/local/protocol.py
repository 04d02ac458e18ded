"""Local doors: the ENT's own form asks for the ENT's own password."""

from __future__ import annotations

from accounts.doors.base.protocol import DoorProtocol
from accounts.doors.local.forms import LocalDoorForm


class LocalProtocol(DoorProtocol):
    """Nobody leaves, nobody comes back, and no other server is asked.

    The password is not checked by `check`: a local sign-in is two statements around its hash
    (`accounts.local.sign_in`, `docs/decisions/0024`).
    """

    form = LocalDoorForm
    is_elsewhere = False
