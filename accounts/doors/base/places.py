"""How many requests to academies may be under way at once on this machine.

A web process that waits for an academy serves nobody else. So a door may hold few of them, all
doors together not all of them, and who finds no place is answered at once with a page that tries
again by itself: processes never queue behind a slow academy (T-E8).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from django.conf import settings

from accounts.doors.base.models import Door
from accounts.doors.base.protocol import DoorError
from accounts.enums import DoorFault
from signin.places import try_lock


def take_place(door: Door) -> Callable[[], None]:
    """Take a place at this door and return what gives it back; `DoorError` when none is free."""
    own = try_lock(f"guichet-{door.pk}", settings.DOOR_PLACES)
    if own is None:
        raise DoorError(DoorFault.BUSY)
    common = try_lock("guichets", settings.DOORS_PLACES)
    if common is None:
        os.close(own)
        raise DoorError(DoorFault.BUSY)
    held = [own, common]
    lock = threading.Lock()

    def give_back() -> None:
        with lock:
            while held:
                os.close(held.pop())

    return give_back
