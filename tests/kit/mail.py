"""A real SMTP server for live tests: what the worker sends, as it arrives."""

from __future__ import annotations

import email
import email.policy
import logging
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.kit.ports import free_port

_LONGEST_WAIT_SECONDS = 60


class MailSink:
    """Takes every mail and keeps it."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._messages: list[EmailMessage] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep one mail (aiosmtpd's hook)."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        with self._arrived:
            self._messages.append(message)
            self._arrived.notify_all()
        return "250 OK"

    def wait_for(self, *, to: str, subject: str) -> EmailMessage:
        """Return the first mail to this address whose subject holds these words."""

        def found() -> EmailMessage | None:
            return next(
                (
                    message
                    for message in self._messages
                    if message["To"] == to and subject in str(message["Subject"])
                ),
                None,
            )

        with self._arrived:
            message = self._arrived.wait_for(found, timeout=_LONGEST_WAIT_SECONDS)
        if message is None:
            heads = [(one["To"], one["Subject"]) for one in self._messages]
            pytest.fail(f"no mail to {to} about {subject!r}; arrived: {heads}")
        return message

    def forget(self) -> None:
        """Start a test with nothing."""
        with self._arrived:
            self._messages.clear()

    def start(self) -> None:
        """Listen on a free port; aiosmtpd would log every mail, links included."""
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self._controller.start()

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop()


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a mail as its reader sees it."""
    body = message.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture(scope="session")
def _mail_sink() -> Iterator[MailSink]:
    sink = MailSink()
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()


@pytest.fixture
def mail_sink(_mail_sink: MailSink) -> MailSink:
    """The SMTP server to which `live_worker` sends, empty at the start of the test."""
    _mail_sink.forget()
    return _mail_sink
