"""Local doors: the ENT's own form asks for the password (`accounts.services.sign_in`)."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.doors.base import Assertion, Demand, DoorError
from accounts.enums import DoorFault
from accounts.models import Door


class LocalWay:
    """Nobody leaves: nothing to come back from, nothing to end elsewhere."""

    def start(self, door: Door, demand: Demand) -> str:
        """The door's own page is the form."""
        return ""

    def come_back(self, door: Door, query: Mapping[str, str], demand: Demand) -> Assertion:
        """Nobody left by this door."""
        raise DoorError(DoorFault.TICKET)

    def sign_out(self, door: Door, back: str) -> str:
        """Our own sign-out is all."""
        return ""

    def subject(self, raw: str) -> str:
        """Local doors know logins (`normalise_login`), not subjects."""
        raise DoorError(DoorFault.SUBJECT)
