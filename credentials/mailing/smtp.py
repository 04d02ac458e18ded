"""One kept connection to the SMTP server, and the dialogue of each mail over it.

Before the last byte of a mail has left, a failure is certainly no mail; after it, only the server's
answer tells, and without one the mail is in doubt. Whose failure it is depends on what was said: a
server that was told of a recipient and leaves may do so because of that one (`Ending.UNANSWERED`).

Announcing is not sending: the caller writes down that a mail leaves once it is announced. Where the
server takes PIPELINING (RFC 2920) a mail is announced behind the one before, in the same write:

    mail 1, « MAIL, RCPT, DATA » of mail 2  →
                                            ←  what became of mail 1
    (the caller writes: 1 ended so, 2 leaves now)
                                            ←  « go on » with mail 2
    mail 2, « MAIL, RCPT, DATA » of mail 3  →
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from credentials.mailing.answers import explain_failure
from credentials.mailing.composing import compose, plain_address
from credentials.mailing.outcomes import Ending, SendOutcome
from credentials.mailing.writing import Letter
from ent.mail.messages import checked_header
from ent.mail.timed import TimedBackend

_LONGEST_ANSWER: Final = 300
_TAKEN: Final = 250
_RECIPIENT_TAKEN: Final = (250, 251)
_CLOSING: Final = 421
_GO_ON: Final = 354
_FAILURES: Final = (smtplib.SMTPException, OSError)
_LEAVE_SECONDS: Final = 2.0
_SENSELESS: Final = "La réponse du serveur n’a pas de sens."


def always() -> bool:
    """Say of any mail that it may leave."""
    return True


class _Mail:
    """A mail as a server reads it; what cannot be written so raises `ValueError`."""

    def __init__(self, letter: Letter) -> None:
        recipient = checked_header(plain_address(letter.address))
        self.letter = letter
        self.sender = f"MAIL FROM:<{checked_header(letter.sender)}>\r\n".encode("ascii")
        self.recipient = f"RCPT TO:<{recipient}>\r\n".encode("ascii")
        self.content = compose(letter)

    @property
    def opening(self) -> bytes:
        """What announces it to a server that takes PIPELINING."""
        return self.sender + self.recipient + b"DATA\r\n"


class SmtpCarrier:
    """Hands over one mail after the other, and says of each exactly how that ended."""

    def __init__(self) -> None:
        self._backend = TimedBackend()
        self._answered = 0
        self._written: dict[str, _Mail] = {}
        self._announced: _Mail | None = None
        """The mail whose MAIL, RCPT and DATA left behind the mail before."""

    @property
    def is_fresh(self) -> bool:
        """Did this connection not answer about any mail yet?"""
        return self._answered == 0

    def foresee(self, letters: Sequence[Letter]) -> None:
        """Write the mails of a batch; between two waits each would cost three times as much."""
        self._written = {}
        for letter in letters:
            with suppress(ValueError):  # `carry` says so when its turn comes
                self._written[letter.message_id] = _Mail(letter)

    def carry(
        self,
        letter: Letter,
        *,
        may_leave: Callable[[], bool] = always,
        following: Letter | None = None,
    ) -> SendOutcome:
        """Hand one mail over; a connection that failed is not used again."""
        mail = self._announced
        self._backend.begin()
        try:
            if mail is None or mail.letter is not letter:
                self._take_back()
                mail = self._mail(letter)
        except ValueError:
            may_leave()
            return SendOutcome(Ending.REFUSED, None, "Le courriel ne peut pas être écrit.")
        is_ahead = self._announced is not None
        refusal = self._go_on(may_leave) if is_ahead else self._begin(mail, may_leave)
        return self._give(mail.content, following) if refusal is None else refusal

    def close(self) -> None:
        """Take leave; a server that does not answer is left."""
        self._take_back()
        self._backend.begin(seconds=_LEAVE_SECONDS)
        with suppress(*_FAILURES):
            self._backend.close()
        self._backend.connection = None

    def _begin(self, mail: _Mail, may_leave: Callable[[], bool]) -> SendOutcome | None:
        """Announce a mail; None when the server waits for the mail itself."""
        try:
            smtp = self._connected()
            takes_both = smtp.has_extn("pipelining")
            smtp.send(mail.sender + mail.recipient if takes_both else mail.sender)
        except _FAILURES as failure:
            return self._broken(Ending.SERVER, failure)
        ending = Ending.UNANSWERED if takes_both else Ending.SENDER
        leaves = may_leave()
        try:
            code, words = smtp.getreply()
            if code != _TAKEN:
                return self._without_sender(code, words, leaves=leaves)
            ending = Ending.UNANSWERED
            if not takes_both:
                smtp.send(mail.recipient)
            code, words = smtp.getreply()
            if not leaves:
                smtp.rset()
                return SendOutcome(Ending.WITHDRAWN)
            if code in _RECIPIENT_TAKEN:
                code, words = smtp.docmd("DATA")
        except _FAILURES as failure:
            return self._broken(ending if leaves else Ending.WITHDRAWN, failure)
        return None if code == _GO_ON else self._judged(code, words, given=False)

    def _go_on(self, may_leave: Callable[[], bool]) -> SendOutcome | None:
        """Hear of a mail that is announced; None when the server waits for the mail itself."""
        if not may_leave():
            self._take_back()
            return SendOutcome(Ending.WITHDRAWN)
        smtp = self._connected()
        try:
            code, words = smtp.getreply()
            if code != _TAKEN:
                return self._without_sender(code, words, leaves=True)
            code, words = smtp.getreply()
            if code != _CLOSING:
                after_data = smtp.getreply()
                if code in _RECIPIENT_TAKEN:
                    code, words = after_data
                elif after_data[0] == _GO_ON:
                    self._take_back()
        except _FAILURES as failure:
            return self._broken(Ending.UNANSWERED, failure)
        self._announced = None
        return None if code == _GO_ON else self._judged(code, words, given=False)

    def _give(self, content: bytes, following: Letter | None) -> SendOutcome:
        """Give the mail itself away, announce the next one, and hear what became of the first."""
        smtp = self._connected()
        try:
            smtp.send(content + self._announcement(smtp, following))
            code, words = smtp.getreply()
        except _FAILURES as failure:
            return self._broken(Ending.DOUBTFUL, failure)
        return self._judged(code, words, given=True)

    def _announcement(self, smtp: smtplib.SMTP, following: Letter | None) -> bytes:
        """Return what announces the next mail behind this one, b"" when it must wait."""
        if following is None or not smtp.has_extn("pipelining"):
            return b""
        try:
            self._announced = self._mail(following)
        except ValueError:
            return b""
        return self._announced.opening

    def _mail(self, letter: Letter) -> _Mail:
        mail = self._written.pop(letter.message_id, None)
        return mail if mail is not None and mail.letter is letter else _Mail(letter)

    def _connected(self) -> smtplib.SMTP:
        if self._backend.connection is None:
            self._answered = 0
            self._backend.open()
        smtp = self._backend.connection
        assert isinstance(smtp, smtplib.SMTP)  # noqa: S101
        smtp.ehlo_or_helo_if_needed()
        return smtp

    def _without_sender(self, code: int, words: bytes, *, leaves: bool) -> SendOutcome:
        """Our own sender is refused: most often it is the same for everybody."""
        self.close()
        return SendOutcome(Ending.SENDER if leaves else Ending.WITHDRAWN, code, _plain(words))

    def _judged(self, code: int, words: bytes, *, given: bool) -> SendOutcome:
        """Turn the server's answer about one mail into an outcome, and make ready for the next.

        *given*: had all of the mail left?
        """
        if code == _CLOSING:
            self.close()
            return SendOutcome(Ending.UNANSWERED, code, _plain(words))
        if given and 200 <= code < 300:
            self._answered += 1
            return SendOutcome(Ending.ACCEPTED, code, _plain(words))
        if not 400 <= code < 600:  # no answer of a mail server: nothing to build on
            self._drop()
            ending = Ending.DOUBTFUL if given else Ending.UNANSWERED
            return SendOutcome(ending, None, _plain(words) or _SENSELESS)
        self._answered += 1
        if self._announced is None and self._backend.connection is not None:
            with suppress(*_FAILURES):
                self._backend.connection.rset()
        ending = Ending.DEFERRED if code < 500 else Ending.REFUSED
        return SendOutcome(ending, code, _plain(words))

    def _broken(self, ending: Ending, failure: Exception) -> SendOutcome:
        self._drop()
        if not isinstance(failure, smtplib.SMTPResponseException):
            return SendOutcome(ending, None, explain_failure(failure))
        if ending is Ending.DOUBTFUL or failure.smtp_code <= 0:
            return SendOutcome(ending, None, _SENSELESS)
        return SendOutcome(ending, failure.smtp_code, _plain(failure.smtp_error))

    def _take_back(self) -> None:
        """Leave a server that waits for a mail: whatever was said to it would be that mail."""
        if self._announced is not None:
            self._drop()

    def _drop(self) -> None:
        """End the connection without a word."""
        with suppress(*_FAILURES):
            if self._backend.connection is not None:
                self._backend.connection.close()
        self._backend.connection = self._announced = None


def _plain(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_ANSWER]
