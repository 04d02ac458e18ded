"""A real SMTP server that keeps what it is given, and fails as it is told.

In a thread of the test (`FaultySink`), or as a process of its own for tests that kill senders:
`python -m tests.kit.faulty_mail PORT FOLDER` writes `taken` (one address a line) and `log` (what
Postfix would write of each mail).
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.ports import free_port

CUT = "cut"
HANG = "hang"


@dataclass
class FaultySink:
    """What came, and how each step answers; a fault is a reply, `CUT` or `HANG`."""

    port: int = 0
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_data: dict[str, str] = field(default_factory=dict)
    """What is said to the command DATA, before the mail itself."""
    before_answer: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    at_mail: str = ""
    pipelines: bool = True
    """Does it take several commands at once (RFC 2920), as Postfix and most others do?"""
    announced: list[str] = field(default_factory=list)
    """To whom somebody said that they would write, in order."""

    @property
    def addresses(self) -> list[str]:
        """To whom mails came, in order."""
        return [address for _, address, _ in self.mails]

    def messages(self) -> list[Message]:
        """Every mail, parsed."""
        return [message_from_bytes(content, policy=default) for _, _, content in self.mails]

    def message_to(self, address: str) -> Any:
        """The one mail that came to this address, parsed."""
        (content,) = [content for _, to, content in self.mails if to == address]
        return message_from_bytes(content, policy=default)

    async def handle_EHLO(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        """Say what it takes."""
        session.host_name = name
        return with_pipelining(lines) if self.pipelines else lines

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        """Take the sender, or fail for everybody."""
        if self.at_mail:
            return self.at_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        """Answer about one address."""
        self.announced.append(address)
        fault = self.at_rcpt.get(address, "")
        if fault == CUT:
            assert server.transport is not None
            server.transport.close()
            return ""
        if fault:
            return fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the mail, or fail after all of it was given."""
        address = envelope.rcpt_tos[0]
        fault = self.before_answer.get(address, "")
        if fault and fault not in (CUT, HANG):
            return fault
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope.mail_from or "", address, envelope.content))
        if fault == HANG:
            await asyncio.sleep(30)
        if fault:
            assert server.transport is not None
            server.transport.close()
        return "250 taken"


def with_pipelining(lines: list[str]) -> list[str]:
    """Add PIPELINING to the answer to EHLO, whose first line is the server's name."""
    return [lines[0], "250-PIPELINING", *lines[1:]]


class _Counted(SMTP):
    async def smtp_DATA(self, argument: str) -> None:  # noqa: N802
        envelope = self.envelope
        to = envelope.rcpt_tos[0] if envelope is not None and envelope.rcpt_tos else ""
        fault = self.event_handler.at_data.get(to, "")
        if fault == CUT:
            assert self.transport is not None
            self.transport.close()
        elif fault:
            await self.push(fault)
        else:
            await super().smtp_DATA(argument)

    def connection_made(self, transport: Any) -> None:
        sink = self.event_handler
        sink.connections += 1
        sink.open_now += 1
        sink.most_open = max(sink.most_open, sink.open_now)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.open_now -= 1
        super().connection_lost(error)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Counted(self.handler, enable_SMTPUTF8=False)


@contextmanager
def running_sink() -> Iterator[FaultySink]:
    """Run a sink in a thread."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would log every mail
    sink = FaultySink(port=free_port())
    controller = _Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()  # which connects once, to see
    sink.connections = 0
    try:
        yield sink
    finally:
        controller.stop()


class _Recorder:
    """The process's handler: it writes down, then answers, as a relay does."""

    def __init__(self, folder: Path) -> None:
        self._taken = (folder / "taken").open("a", buffering=1)
        self._log = (folder / "log").open("a", buffering=1)
        self._count = 0
        print("relay postfix/cleanup[1]: 00: message-id=<start>", file=self._log)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = name
        return with_pipelining(lines)

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self._count += 1
        assert isinstance(envelope.content, bytes)
        head = envelope.content.split(b"\r\n\r\n", 1)[0].replace(b"\r\n ", b" ")
        lines = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
        identifier = lines[0].split(b":", 1)[1].strip().decode()
        name = f"4X{self._count:x}"
        print(f"relay postfix/cleanup[1]: {name}: message-id={identifier}", file=self._log)
        print(envelope.rcpt_tos[0], file=self._taken)
        print(f"relay postfix/qmgr[2]: {name}: from=<{envelope.mail_from}>", file=self._log)
        return "250 taken"


async def _serve(port: int, folder: Path) -> None:
    recorder = _Recorder(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(recorder, loop=loop), "127.0.0.1", port)
    (folder / "ready").touch()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
