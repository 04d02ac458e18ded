"""The three tables of a key: its own states, those of its PIN, those of its rescue password.

Each row is (state, event) → state. Whatever is not in a table cannot happen: `IllegalTransition`.
Two rules are read off them, and tested as such: nothing but `TAKEN_BACK` leads out of a disabled
key, and then to stock; no event of a rescue password stands in the key's table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from guichet.enums import KeyEvent as E
from guichet.enums import KeyState as K
from guichet.enums import PinState as P
from guichet.enums import RescueState as R


class IllegalTransition(Exception):
    """The event cannot happen in that state; nothing was changed."""


_DISABLING: Final[Mapping[E, K]] = {
    E.LOST: K.LOST,
    E.STOLEN: K.STOLEN,
    E.BROKEN: K.BROKEN,
    E.HOLDER_LEFT: K.TO_RECOVER,
    E.REPLACED: K.TO_RECOVER,
    E.EXPIRED: K.EXPIRED,
    E.WITHDRAWN: K.WITHDRAWN,
}
_HELD: Final = (K.ASSIGNED, K.FIRST_USE, K.ACTIVE, K.LOCKED)
_DISABLED: Final = (K.LOST, K.STOLEN, K.BROKEN, K.EXPIRED, K.TO_RECOVER)
_RETURNING: Final = (K.LOST, K.STOLEN, K.TO_RECOVER)

KEY: Final[Mapping[tuple[K, E], K]] = {
    (K.STOCK, E.ASSIGNED): K.ASSIGNED,
    (K.STOCK, E.WITHDRAWN): K.WITHDRAWN,
    (K.STOCK, E.EXPIRED): K.EXPIRED,
    (K.STOCK, E.LOST): K.LOST,
    (K.STOCK, E.BROKEN): K.BROKEN,
    (K.ASSIGNED, E.FIRST_CODE): K.FIRST_USE,
    (K.FIRST_USE, E.FIRST_CODE): K.FIRST_USE,
    (K.ACTIVE, E.FIRST_CODE): K.ACTIVE,  # its PIN was cancelled
    (K.FIRST_USE, E.PIN_SET): K.ACTIVE,
    (K.ACTIVE, E.PIN_SET): K.ACTIVE,
    (K.ACTIVE, E.USED): K.ACTIVE,
    (K.ASSIGNED, E.TOO_MANY_FAILURES): K.LOCKED,
    (K.FIRST_USE, E.TOO_MANY_FAILURES): K.LOCKED,
    (K.ACTIVE, E.TOO_MANY_FAILURES): K.LOCKED,
    (K.ACTIVE, E.PIN_CANCELLED): K.ACTIVE,
    (K.LOCKED, E.PIN_CANCELLED): K.LOCKED,
    (K.ACTIVE, E.RESYNCHRONISED): K.ACTIVE,
    (K.ASSIGNED, E.RESYNCHRONISED): K.ASSIGNED,
    (K.FIRST_USE, E.RESYNCHRONISED): K.FIRST_USE,
    (K.LOCKED, E.RESYNCHRONISED): K.LOCKED,
    # A key that never had a PIN begins again; `unlocked_state` says which of the two.
    (K.LOCKED, E.UNLOCKED): K.ACTIVE,
    **{(state, event): after for state in _HELD for event, after in _DISABLING.items()},
    **{(state, E.TAKEN_BACK): K.STOCK for state in _RETURNING},
    **{(state, E.WITHDRAWN): K.WITHDRAWN for state in _DISABLED},
    **{(state, E.HOLDER_LEFT): state for state in _DISABLED},
}

PIN: Final[Mapping[tuple[P, E], P]] = {
    (P.NONE, E.PIN_SET): P.SET,
    (P.CANCELLED, E.PIN_SET): P.SET,
    (P.SET, E.PIN_SET): P.SET,  # its holder changes it
    (P.SET, E.PIN_CANCELLED): P.CANCELLED,
    (P.CANCELLED, E.PIN_CANCELLED): P.CANCELLED,
    **{(state, E.TAKEN_BACK): P.NONE for state in P},
}

RESCUE: Final[Mapping[tuple[R | None, E], R]] = {
    (None, E.RESCUE_ISSUED): R.LIVE,
    (R.LIVE, E.RESCUE_USED): R.LIVE,  # it serves all day
    (R.LIVE, E.USED): R.USED_UP,  # the key was found again
    (R.LIVE, E.PIN_SET): R.USED_UP,
    **{(R.LIVE, event): R.USED_UP for event in _DISABLING},
    (R.LIVE, E.RESCUE_ISSUED): R.USED_UP,  # another day's takes its place
}


def key_after(state: K, event: E, *, had_pin: bool = True) -> K:
    """Return the state after the event. *had_pin*: did the key ever have a PIN?"""
    try:
        after = KEY[state, event]
    except KeyError:
        raise IllegalTransition(f"{event.value} in {state.value}") from None
    if event == E.UNLOCKED and not had_pin:
        return K.ASSIGNED
    return after


def pin_after(state: P, event: E) -> P:
    """Return the PIN's state after the event, unchanged by what does not concern it."""
    return PIN.get((state, event), state)


def may_happen(state: K, event: E) -> bool:
    """Can the event happen in that state?"""
    return (state, event) in KEY
