"""Secrets and personal data that must never reach a log.

A test or a factory declares what it invents: `watch("Zébulon", password)`. Any log record of the
same test, at any level, that holds one of them (message, arguments or traceback) fails the test.
"""

import logging
import traceback
from contextlib import suppress

_SHORTEST = 4
_watched: set[str] = set()


def watch(*values: object) -> None:
    """Declare values that no log record may hold; too short ones cannot be told apart."""
    _watched.update(str(value) for value in values if value and len(str(value)) >= _SHORTEST)


def forget_all() -> None:
    """Start a test with nothing watched."""
    _watched.clear()


def find_in_text(text: str) -> list[str]:
    """Return what a text leaks, each value cut to its first two letters."""
    return [f"a watched value was written: {value[:2]}…" for value in _watched if value in text]


class CanaryHandler(logging.Handler):
    """Keep the records that hold a watched value, as sentences without the value itself."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self.leaks: list[str] = []
        self._texts: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember the record's text: a value may be declared after the record was made."""
        parts = [str(record.msg), repr(record.args)]
        with suppress(TypeError, ValueError):  # a message that does not fit its arguments
            parts.append(record.getMessage())
        if record.exc_info and record.exc_info[0] is not None:
            parts.append("".join(traceback.format_exception(*record.exc_info)))
        self._texts.append((f"{record.name} ({record.levelname})", "\n".join(parts)))

    def find_leaks(self) -> list[str]:
        """Return where a watched value appears."""
        return [
            f"a watched value reached the logger {where}: {value[:2]}…"
            for where, text in self._texts
            for value in _watched
            if value in text
        ]
