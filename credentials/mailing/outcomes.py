"""How handing over a mail ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Ending(Enum):
    """How handing over one mail ended."""

    ACCEPTED = auto()
    DEFERRED = auto()
    REFUSED = auto()
    #: Everything was given away and no answer came.
    DOUBTFUL = auto()
    #: The recipient was named, then the server left or fell silent: certainly not sent.
    UNANSWERED = auto()
    #: The server did not take our sender, and was told of nobody: certainly not sent.
    SENDER = auto()
    #: No connection: this mail was certainly not sent, and neither would any other be.
    SERVER = auto()
    #: The caller said at the last moment that it must not leave.
    WITHDRAWN = auto()
    #: The worker died before the end was written.
    LOST = auto()
    #: The worker died, and the relay's log says that the mail was not taken.
    LOST_UNSENT = auto()
    #: No answer came, and the relay's log says that the mail was not taken.
    DOUBTFUL_UNSENT = auto()


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The ending with the server's words, which the report quotes."""

    ending: Ending
    code: int | None = None
    answer: str = ""
