"""Why a file, or a line of it, is refused. No message ever holds what was in the line."""

from __future__ import annotations


class UnreadableFile(Exception):
    """Nothing of the file can be imported; the argument says why and what is read."""


class SeedFault(Exception):
    """One line is refused."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
