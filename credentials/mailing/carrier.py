"""Handing mails to the server, over one connection that is kept, and saying exactly how it ended.

Django's `send_messages` raises at the first mail that a server refuses, and does not say whether a
mail whose connection broke had already been given away. Here the dialogue is ours, over Django's
own connection settings: before the last byte of a mail has left, a failure is certainly no mail;
after it, only the server's answer tells, and without one the mail is in doubt.

Announcing is not sending: while the server looks at who writes to whom (both lines at once where it
takes PIPELINING, RFC 2920), the caller writes down that the mail leaves now.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from credentials.mailing.composing import compose, plain_address
from credentials.mailing.writing import Letter

_LONGEST_ANSWER: Final = 300
_CLOSING: Final = 421
_GO_ON: Final = 354
_FAILURES: Final = (smtplib.SMTPException, OSError)


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


class Carrier(Protocol):
    """What hands mails over."""

    @property
    def is_fresh(self) -> bool:
        """Did this connection not answer about any mail yet?"""
        ...

    def carry(self, letter: Letter, *, may_leave: Callable[[], bool] = ...) -> Outcome:
        """Hand one mail over, if *may_leave* still says so once it is announced."""
        ...

    def close(self) -> None:
        """Take leave of the server."""
        ...


def open_carrier() -> Carrier:
    """Return the carrier of the settings; it connects at its first mail."""
    backend = get_connection()
    return SmtpCarrier(backend) if isinstance(backend, EmailBackend) else BackendCarrier()


def _always() -> bool:
    return True


class BackendCarrier:
    """Another backend of Django's (a folder, the memory of tests): it takes everything."""

    is_fresh = False

    def carry(self, letter: Letter, *, may_leave: Callable[[], bool] = _always) -> Outcome:
        """Give the mail to the backend."""
        if not may_leave():
            return Outcome(Ending.WITHDRAWN)
        message = letter.message()
        message.connection = get_connection()
        message.send()
        return Outcome(Ending.ACCEPTED, 250)

    def close(self) -> None:
        """Nothing is open."""


class SmtpCarrier:
    """One kept connection to the SMTP server."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend
        self._answered = 0

    @property
    def is_fresh(self) -> bool:
        """Did this connection not answer about any mail yet?"""
        return self._answered == 0

    def carry(self, letter: Letter, *, may_leave: Callable[[], bool] = _always) -> Outcome:
        """Hand one mail over; a connection that failed is not used again."""
        try:
            content = compose(letter)
            recipient = plain_address(letter.address)
        except (ValueError, UnicodeError):
            may_leave()
            return Outcome(Ending.REFUSED, None, "Le courriel ne peut pas être écrit.")
        try:
            smtp = self._connected()
            self._announce(smtp, letter.sender, recipient)
        except _FAILURES as failure:
            return self._broken(Ending.SERVER, failure)
        leaves = may_leave()
        try:
            refusal = self._heard(smtp, recipient)
            if refusal is None and leaves:
                refusal = self._opened(smtp)
        except _FAILURES as failure:
            return self._broken(Ending.SERVER if leaves else Ending.WITHDRAWN, failure)
        if not leaves:
            return self._withdrawn(smtp)
        if refusal is not None:
            return refusal
        try:
            smtp.send(content)
            code, words = smtp.getreply()
        except _FAILURES as failure:
            return self._broken(Ending.DOUBTFUL, failure)
        return self._judged(code, words)

    def close(self) -> None:
        """Take leave; a server that does not answer is left."""
        with suppress(*_FAILURES):
            self._backend.close()
        self._backend.connection = None

    def _connected(self) -> smtplib.SMTP:
        if self._backend.connection is None:
            self._answered = 0
            self._backend.open()
        smtp = self._backend.connection
        assert isinstance(smtp, smtplib.SMTP)  # noqa: S101
        smtp.ehlo_or_helo_if_needed()
        return smtp

    def _announce(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
        """Say who writes to whom; no answer is read yet."""
        lines = f"MAIL FROM:{smtplib.quoteaddr(sender)}\r\n"
        if smtp.has_extn("pipelining"):
            lines += _to(recipient)
        smtp.send(lines)

    def _heard(self, smtp: smtplib.SMTP, recipient: str) -> Outcome | None:
        """Read what the server says of the two; None when it takes both."""
        code, words = smtp.getreply()
        if code != 250:
            # Our own sender, refused: it is the same for everybody.
            self.close()
            return Outcome(Ending.SERVER, code, _plain(words))
        if not smtp.has_extn("pipelining"):
            smtp.send(_to(recipient))
        code, words = smtp.getreply()
        return None if code in (250, 251) else self._judged(code, words)

    def _opened(self, smtp: smtplib.SMTP) -> Outcome | None:
        """Ask to begin; None when the server waits for the mail itself."""
        code, words = smtp.docmd("DATA")
        return None if code == _GO_ON else self._judged(code, words)

    def _withdrawn(self, smtp: smtplib.SMTP) -> Outcome:
        with suppress(*_FAILURES):
            smtp.rset()
        return Outcome(Ending.WITHDRAWN)

    def _judged(self, code: int, words: bytes) -> Outcome:
        """Turn the server's answer about one mail into an outcome, and make ready for the next."""
        if code == _CLOSING:
            self.close()
            return Outcome(Ending.SERVER, code, _plain(words))
        if 200 <= code < 600:
            self._answered += 1
        if 200 <= code < 300:
            return Outcome(Ending.ACCEPTED, code, _plain(words))
        with suppress(*_FAILURES):
            assert self._backend.connection is not None  # noqa: S101
            self._backend.connection.rset()
        ending = Ending.DEFERRED if 400 <= code < 500 else Ending.REFUSED
        if not 400 <= code < 600:  # no answer of a mail server: nothing to build on
            ending = Ending.DOUBTFUL
            self.close()
        return Outcome(ending, code, _plain(words))

    def _broken(self, ending: Ending, failure: Exception) -> Outcome:
        with suppress(*_FAILURES):
            if self._backend.connection is not None:
                self._backend.connection.close()
        self._backend.connection = None
        code = getattr(failure, "smtp_code", None)
        words = getattr(failure, "smtp_error", b"")
        return Outcome(ending, code, _plain(words) or type(failure).__name__)


def _to(recipient: str) -> str:
    return f"RCPT TO:{smtplib.quoteaddr(recipient)}\r\n"


def _plain(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_ANSWER]
