"""The shape of a log line.

One record is one line whatever a visitor typed: control characters, ANSI sequences and Unicode
line separators are escaped, so nobody writes a false line into the log (T-M2).
"""

import logging
import re

# C0 and C1 controls (the line feed of a traceback included), DEL, and the Unicode separators.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape_controls(text: str) -> str:
    """Return the text with every control character written as `\\xNN` or `\\uNNNN`."""
    return _UNSAFE.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


class OneLineFormatter(logging.Formatter):
    """`time level logger: message`, on one line, tracebacks included."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        return escape_controls(super().format(record))
