"""Telling a server that answers nobody from recipients about whom it does not answer.

One recipient whose mail makes a server hang up must not make the others wait: only so many in a
row, none of whom met silence before, are the server's own failure. An answer about anybody, even a
refusal, begins the count again.
"""

from __future__ import annotations

from typing import Final

from credentials.mailing.outcomes import Ending, SendOutcome
from credentials.mailing.preparing import Prepared

#: The server left or fell silent while a mail was in hand.
SILENT: Final = frozenset({Ending.UNANSWERED, Ending.DOUBTFUL, Ending.SENDER})
#: The mail was certainly not sent, and another connection may take it.
UNSENT: Final = frozenset({Ending.SERVER, Ending.SENDER, Ending.UNANSWERED})
IN_A_ROW: Final = 5
#: A sender is nearly always the same for everybody.
WITHOUT_SENDER_IN_A_ROW: Final = 2


class Silences:
    """Counts, over one round, the mails about which the server said nothing."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._without_sender: list[int] = []

    def hear(self, outcome: SendOutcome, prepared: Prepared) -> bool:
        """Count one outcome; True when the server as a whole fails."""
        if outcome.ending is Ending.SERVER:
            return True
        if outcome.ending not in SILENT:
            if outcome.code is not None:  # not a mail that we could not write
                self._in_a_row = 0
                self._without_sender.clear()
            return False
        if outcome.ending is Ending.SENDER:
            self._without_sender.append(prepared.recipient)
        else:
            self._without_sender.clear()
        self._in_a_row += prepared.tries.tells_of_the_server
        return self._in_a_row >= IN_A_ROW or len(self._without_sender) >= WITHOUT_SENDER_IN_A_ROW

    def innocent(self) -> list[int]:
        """Return who was put off though the server knew of nobody yet, but for the last one."""
        return self._without_sender[:-1]
