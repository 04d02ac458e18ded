"""Asking a door's server something, within its breaker and one of its places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from accounts.doors.base import breaker
from accounts.doors.base.models import Door
from accounts.doors.base.places import take_place
from accounts.doors.base.protocol import DoorError
from accounts.enums import DoorFault

_T = TypeVar("_T")


def ask_server(door: Door, question: Callable[[Callable[[], None]], _T]) -> _T:
    """Return what the question returns; its `DoorError` counts when the server is unwell.

    The question gets the function that gives the place back, to call when its request really is
    over. A server that refuses has answered.
    """
    breaker.ensure_closed_circuit(door)
    try:
        answer = question(take_place(door))
    except DoorError as error:
        if error.fault.is_server_unwell:
            breaker.note_failure(door, error.fault)
        elif error.fault != DoorFault.BUSY:
            breaker.note_answer(door)
        raise
    breaker.note_answer(door)
    return answer
