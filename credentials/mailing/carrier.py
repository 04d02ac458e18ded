"""What hands mails over, by the settings: a mail server, or another backend of Django's.

Django's `send_messages` raises at the first mail that a server refuses, and does not say whether a
mail whose connection broke had already been given away. Here the dialogue is ours (`smtp`), over
Django's own connection settings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from credentials.mailing.outcomes import Ending, SendOutcome
from credentials.mailing.smtp import SmtpCarrier, always
from credentials.mailing.writing import Letter


class Carrier(Protocol):
    """What hands mails over."""

    @property
    def is_fresh(self) -> bool:
        """Did this connection not answer about any mail yet?"""
        ...

    def foresee(self, letters: Sequence[Letter]) -> None:
        """Make ready for the mails of a batch, each of which `carry` is then called for."""
        ...

    def carry(
        self,
        letter: Letter,
        *,
        may_leave: Callable[[], bool] = ...,
        following: Letter | None = None,
    ) -> SendOutcome:
        """Hand one mail over, if *may_leave* still says so once it is announced.

        *following* is the mail of the next call, which may be announced already.
        """
        ...

    def close(self) -> None:
        """Take leave of the server."""
        ...


def open_carrier() -> Carrier:
    """Return the carrier of the settings; it connects at its first mail."""
    backend = get_connection()
    return SmtpCarrier() if isinstance(backend, EmailBackend) else BackendCarrier()


class BackendCarrier:
    """Another backend of Django's (a folder, the memory of tests): it takes everything."""

    is_fresh = False

    def foresee(self, letters: Sequence[Letter]) -> None:
        """Nothing is to be made ready."""

    def carry(
        self,
        letter: Letter,
        *,
        may_leave: Callable[[], bool] = always,
        following: Letter | None = None,
    ) -> SendOutcome:
        """Give the mail to the backend."""
        if not may_leave():
            return SendOutcome(Ending.WITHDRAWN)
        message = letter.message()
        message.connection = get_connection()
        message.send()
        return SendOutcome(Ending.ACCEPTED, 250)

    def close(self) -> None:
        """Nothing is open."""
