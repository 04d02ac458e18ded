"""What refuses a whole delivery, and what only sets one object aside."""

from __future__ import annotations

from dataclasses import dataclass


class DeliveryRefused(Exception):
    """The delivery as a whole is refused before anything is written.

    ``code`` is stable (tests and statistics use it), ``message`` is the French sentence that the
    person who sent the files reads; ``file`` and ``line`` point at the place when there is one.
    """

    def __init__(self, code: str, message: str, *, file: str = "", line: int | None = None) -> None:
        super().__init__(code, message, file, line)
        self.code = code
        self.message = message
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = ""
        if self.file:
            where = f"{self.file}, ligne {self.line} : " if self.line else f"{self.file} : "
        return where + self.message if where else self.message[:1].upper() + self.message[1:]


@dataclass(frozen=True, slots=True)
class ObjectAnomaly:
    """An anomaly of one object. Its place is a byte offset; it becomes a line at the end.

    ``severity`` is a value of :class:`directory.enums.AnomalySeverity`.
    """

    severity: str
    code: str
    message: str


INFO = "info"
WARNING = "alerte"
REJECTED = "rejet"
