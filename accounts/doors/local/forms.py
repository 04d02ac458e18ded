"""The form of a local door."""

from __future__ import annotations

from accounts.doors.base.forms import DoorForm


class LocalDoorForm(DoorForm):
    """What every door has; a local one has nothing more."""
