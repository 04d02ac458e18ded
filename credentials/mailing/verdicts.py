"""What becomes of a recipient: from how a try ended and the tries before it, one function.

| the try ended | the recipient is | tried again |
|---|---|---|
| taken | sent | |
| 4xx, 421, a cut or silence before its last byte | put off | after 5 minutes, doubling to 4 hours |
| 5xx | refused, with the server's words | |
| no answer after its last byte | put off once, then uncertain | once, as above |
| no connection to the server | waits, as if not tried | when the server has rested |
| the worker died | waits once, then uncertain | once, at once |

Whoever is put off for 48 hours is refused. With a relay on this machine its log replaces the doubt:
taken is sent, not taken is put off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from credentials.enums import RecipientState
from credentials.mailing.outcomes import Ending

FIRST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(hours=4)
PATIENCE: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What was tried before for one recipient."""

    attempts: int = 0
    """Tries that ended, without this one; those that met no server do not count."""
    doubts: int = 0
    """How many of them ended without anybody knowing whether the mail was taken."""
    silences: int = 0
    """How many of them the server left without an answer, before or after the mail."""
    first_at: datetime | None = None

    @property
    def tells_of_the_server(self) -> bool:
        """Would silence now be the server's? Not for somebody whose tries it met before."""
        return self.silences == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The state that follows, and when there is another try (at once when None)."""

    state: RecipientState
    next_at: datetime | None = None
    is_over: bool = False
    has_given_up: bool = False
    counts: bool = True
    """Does this try count among the recipient's?"""


def judge(
    ending: Ending, tries: Tries, *, now: datetime, is_sent_again: bool, has_log: bool = False
) -> Verdict:
    """Return what follows.

    *is_sent_again*: may a mail in doubt be sent once more; *has_log*: will a log tell of it.
    """
    match ending:
        case Ending.ACCEPTED:
            return Verdict(state=RecipientState.ACCEPTED, is_over=True)
        case Ending.REFUSED:
            return Verdict(state=RecipientState.REFUSED, is_over=True)
        case Ending.SERVER | Ending.WITHDRAWN:
            return Verdict(state=RecipientState.QUEUED, counts=False)
        case Ending.DOUBTFUL if has_log:
            return Verdict(state=RecipientState.SENDING)
        case Ending.DOUBTFUL | Ending.LOST if tries.doubts or not is_sent_again:
            return Verdict(state=RecipientState.UNCERTAIN, is_over=True)
        case Ending.LOST:
            return Verdict(state=RecipientState.QUEUED)
        case Ending.LOST_UNSENT if tries.attempts == 0:
            return Verdict(state=RecipientState.QUEUED)
    return _later(tries, now)


def _later(tries: Tries, now: datetime) -> Verdict:
    """Try again later; give up when the 48 hours would be over by then."""
    wait = min(FIRST_WAIT * 2 ** min(tries.attempts, 16), LONGEST_WAIT)
    began = tries.first_at or now
    if now + wait > began + PATIENCE:
        return Verdict(state=RecipientState.REFUSED, is_over=True, has_given_up=True)
    return Verdict(state=RecipientState.DEFERRED, next_at=now + wait)
