"""What the state of an entry allows (SupAnn, `supannRessourceEtat`: `{COMPTE}A:SupannActif`)."""

from __future__ import annotations

from collections.abc import Iterable

_ACCOUNT = "{compte}"
_ACTIVATION_ONLY = "supannanticipe"


def is_open(states: Iterable[str]) -> bool:
    """May the account sign in? A opens, I and S close; no state for accounts says nothing.

    An account that is prepared before the rest (SupannAnticipe) may only be activated.
    """
    for raw in states:
        state = raw.strip().lower()
        if not state.startswith(_ACCOUNT):
            continue
        letter, _, detail = state.removeprefix(_ACCOUNT).partition(":")
        if letter.strip() != "a" or detail.strip() == _ACTIVATION_ONLY:
            return False
    return True
