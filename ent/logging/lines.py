"""The shape of a log line.

One record is one line whatever a visitor typed: control characters, ANSI sequences and Unicode
line separators are escaped, so nobody writes a false line into the log (T-M2).
"""

import logging
import re
import traceback
from typing import Any

import psycopg
from django.db import DatabaseError

# C0 and C1 controls (the line feed of a traceback included), DEL, and the Unicode separators.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# Addresses that hold a one-time token: `/connexion/lien/…/`, `/messagerie/adresse/…/`.
_ONE_TIME = re.compile(r"(/(?:lien|adresse)/)[A-Za-z0-9_-]{16,}")


def hide_one_time(text: str) -> str:
    """Return the text with the one-time token of any address replaced by an ellipsis."""
    return _ONE_TIME.sub(r"\1…", text)


class OneTimeFilter(logging.Filter):
    """Takes one-time tokens out of what Django writes of a request that failed (T-C6).

    For whatever else listens to these loggers; our own lines are cleaned by `OneLineFormatter`.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its arguments cleaned."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                hide_one_time(value) if isinstance(value, str) else value for value in record.args
            )
        return True


def escape_controls(text: str) -> str:
    """Return the text with every control character written as `\\xNN` or `\\uNNNN`."""
    return _UNSAFE.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


class OneLineFormatter(logging.Formatter):
    """`time level logger: message`, on one line, tracebacks included."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, without the one-time token of any address."""
        return escape_controls(hide_one_time(super().format(record)))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        """Return the traceback; of what the database says, where it failed and nothing of the row.

        PostgreSQL's detail quotes the refused row: names, logins, addresses (T-M1).
        """
        error: BaseException | None = ei[1]
        parts: list[str] = []
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__))
            is_quoting = isinstance(error, DatabaseError | psycopg.Error)
            said = "" if is_quoting else f": {error}"
            parts.insert(0, f"{frames}{type(error).__qualname__}{said}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "Traceback\n" + "\nthen\n".join(parts)
