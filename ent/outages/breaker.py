"""What this process remembers of something that did not answer in time."""

from __future__ import annotations

import time


class Breaker:
    """Open for some seconds after a failure: nobody waits for the same silence again.

    Then one is let through; the others still rest until it has an answer or their time is over.
    """

    def __init__(self, *, rest_seconds: float) -> None:
        self._rest_seconds = rest_seconds
        self._closed_from = 0.0

    @property
    def is_open(self) -> bool:
        """Is it known not to answer?"""
        return time.monotonic() < self._closed_from

    def lets_through(self) -> bool:
        """May this one try? The first after the rest may; it stands for those of the next rest."""
        if self.is_open:
            return False
        if self._closed_from:
            self.note_silence()
        return True

    def note_silence(self) -> None:
        """It did not answer in time."""
        self._closed_from = time.monotonic() + self._rest_seconds

    def note_answer(self) -> None:
        """It answered."""
        self._closed_from = 0.0
