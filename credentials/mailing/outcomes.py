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
    #: The server as a whole fails: this mail was certainly not sent.
    SERVER = auto()
    #: The caller said at the last moment that it must not leave.
    WITHDRAWN = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ending with the server's words, which the report quotes."""

    ending: Ending
    code: int | None = None
    answer: str = ""
