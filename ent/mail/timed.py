"""SMTP with one time limit for a whole mail.

`EMAIL_TIMEOUT` bounds one wait. A server that gives a byte each tenth of a second never lets one
run out, and would hold a worker for as long as it likes: here all the waits of a mail together last
`MAIL_SECONDS` at most.
"""

from __future__ import annotations

import io
import smtplib
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend


class InDoubtError(smtplib.SMTPServerDisconnected):
    """All of a mail was given away and no answer came: it may have been taken."""


class _TimedReads(io.RawIOBase):
    """What the server says, read within what is left of the time."""

    def __init__(self, smtp: _Timed) -> None:
        self._smtp = smtp

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._smtp.limit_wait()
        assert self._smtp.sock is not None  # noqa: S101
        return self._smtp.sock.recv_into(buffer)


class _Timed(smtplib.SMTP):
    """A connection whose waits are bounded together; the clock starts when it is made."""

    def __init__(self, *args: Any, until: float, **kwargs: Any) -> None:
        self.until = until
        self._has_given = False
        super().__init__(*args, **kwargs)

    def limit_wait(self) -> None:
        """Let the next wait last no longer than one may, nor than what is left."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if self.sock is not None:
            self.sock.settimeout(min(left, self.timeout or left))

    def getreply(self) -> tuple[int, bytes]:
        """Read one answer within the time that is left."""
        if self.file is None:
            self.file = io.BufferedReader(_TimedReads(self))
        return super().getreply()

    def send(self, s: Any) -> None:
        """Send within the time that is left."""
        self.limit_wait()
        super().send(s)
        self._has_given = isinstance(s, bytes)  # commands are texts, a mail is bytes

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Give a mail away, and tell a silence after it from one before."""
        self._has_given = False
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as failure:
            if self._has_given:
                raise InDoubtError("no answer after the mail") from failure
            raise


class _TimedOverTls(_Timed, smtplib.SMTP_SSL):
    """The same where TLS comes first."""


class TimedBackend(EmailBackend):
    """Django's backend of the settings, over a connection whose time is bounded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._partial_connection: smtplib.SMTP | None = None
        self._until = 0.0

    def begin(self, *, seconds: float | None = None) -> None:
        """Start the clock of one mail."""
        self._until = time.monotonic() + (settings.MAIL_SECONDS if seconds is None else seconds)
        if isinstance(self.connection, _Timed):
            self.connection.until = self._until

    @property
    def connection_class(self) -> Callable[..., _Timed]:  # type: ignore[override]  # a partial
        """What Django connects with."""
        return partial(_TimedOverTls if self.use_ssl else _Timed, until=self._until)

    def open(self) -> bool | None:
        """Connect; a mail sent by itself has its time from here on."""
        if self._until <= time.monotonic():
            self.begin()
        try:
            return super().open()
        except OSError:
            if self._partial_connection is not None:  # Django would leave it open
                self._partial_connection.close()
                self._partial_connection = None
            raise
