"""The dialogue of a mail with its server: announced behind the mail before, given when it may."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from credentials.mailing.carrier import Carrier, open_carrier
from credentials.mailing.outcomes import Ending
from credentials.mailing.writing import Letter
from tests.credentials.mailing import sink
from tests.kit.faulty_mail import FaultySink

__all__ = ["sink"]


def letter(name: str) -> Letter:
    """A mail to somebody."""
    return Letter(
        sender="rebond@example.org",
        address=f"{name}@example.org",
        subject="Objet",
        text=f"Bonjour {name}",
        html=f"<p>Bonjour {name}</p>",
        message_id=f"<{name}@ent.example>",
    )


AWA, BEN, CLO = letter("awa"), letter("ben"), letter("clo")


@pytest.fixture
def carrier(sink: FaultySink) -> Iterator[Carrier]:
    """A connection to the sink."""
    opened = open_carrier()
    yield opened
    opened.close()


def comes(condition: Any) -> bool:
    """Does it come true within a few seconds?"""
    until = time.monotonic() + 5
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_a_mail_is_announced_behind_the_one_before_and_given_when_it_may_leave(
    carrier: Carrier, sink: FaultySink
) -> None:
    assert carrier.carry(AWA, following=BEN).ending is Ending.ACCEPTED
    assert comes(lambda: sink.announced == [AWA.address, BEN.address])

    def may_leave() -> bool:
        assert sink.addresses == [AWA.address], "nothing was given before"
        return True

    assert carrier.carry(BEN, may_leave=may_leave).ending is Ending.ACCEPTED
    assert sink.addresses == [AWA.address, BEN.address]
    assert sink.announced == sink.addresses, "each was announced once"
    assert sink.connections == 1


def test_what_was_foreseen_is_what_is_sent(carrier: Carrier, sink: FaultySink) -> None:
    carrier.foresee([AWA, BEN, CLO])
    for one, following in ((AWA, BEN), (BEN, CLO), (CLO, None), (AWA, None)):
        assert carrier.carry(one, following=following).ending is Ending.ACCEPTED
    assert sink.addresses == [AWA.address, BEN.address, CLO.address, AWA.address]
    for (_, address, _), message in zip(sink.mails, sink.messages(), strict=True):
        assert message["To"] == address


def test_a_server_that_takes_one_command_at_a_time_gets_one(
    carrier: Carrier, sink: FaultySink
) -> None:
    sink.pipelines = False
    assert carrier.carry(AWA, following=BEN).ending is Ending.ACCEPTED

    def may_leave() -> bool:
        time.sleep(0.1)
        assert sink.announced == [AWA.address]
        return True

    assert carrier.carry(BEN, may_leave=may_leave).ending is Ending.ACCEPTED
    assert sink.addresses == [AWA.address, BEN.address]
    assert sink.connections == 1


@pytest.mark.parametrize("pipelines", [True, False])
def test_a_mail_that_must_not_leave_costs_no_connection_unless_it_was_announced_ahead(
    pipelines: bool, carrier: Carrier, sink: FaultySink
) -> None:
    sink.pipelines = pipelines
    for one in (AWA, BEN):
        assert carrier.carry(one, may_leave=lambda: False).ending is Ending.WITHDRAWN
    assert carrier.carry(CLO).ending is Ending.ACCEPTED
    assert sink.addresses == [CLO.address]
    assert sink.connections == 1


def test_a_mail_that_was_announced_and_must_not_leave_is_not_sent(
    carrier: Carrier, sink: FaultySink
) -> None:
    carrier.carry(AWA, following=BEN)
    assert carrier.carry(BEN, may_leave=lambda: False, following=CLO).ending is Ending.WITHDRAWN
    assert carrier.carry(CLO).ending is Ending.ACCEPTED
    assert sink.addresses == [AWA.address, CLO.address]


def test_a_mail_that_was_announced_gives_way_to_another(carrier: Carrier, sink: FaultySink) -> None:
    carrier.carry(AWA, following=BEN)
    assert carrier.carry(CLO).ending is Ending.ACCEPTED
    assert sink.addresses == [AWA.address, CLO.address]


def test_leaving_after_an_announcement_sends_nothing_and_waits_for_nobody(
    carrier: Carrier, sink: FaultySink
) -> None:
    carrier.carry(AWA, following=BEN)
    leaving = threading.Thread(target=carrier.close)
    leaving.start()
    assert comes(lambda: not leaving.is_alive())  # within 5 s; an answer is waited for 20 s
    assert comes(lambda: sink.open_now == 0)
    assert sink.addresses == [AWA.address]


def test_a_mail_that_nobody_can_write_is_not_announced(carrier: Carrier, sink: FaultySink) -> None:
    broken = letter("d\x0bu")
    carrier.foresee([AWA, broken, BEN])
    assert carrier.carry(AWA, following=broken).ending is Ending.ACCEPTED
    assert carrier.carry(broken, following=BEN).ending is Ending.REFUSED
    assert carrier.carry(BEN).ending is Ending.ACCEPTED
    assert sink.announced == sink.addresses == [AWA.address, BEN.address]


@contextmanager
def server_that_says(settings: Any, *answers: bytes) -> Iterator[list[bytes]]:
    """A server with prepared answers, one for each line or mail; gives what came after the first.

    A mail ends with its dot. It hangs up when it has nothing more to say.
    """
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.write(b"220 here\r\n")
                stream.flush()
                is_mail = False
                for answer in answers:
                    line = stream.readline()
                    while is_mail and line not in (b".\r\n", b""):
                        line = stream.readline()
                    came.append(line)
                    is_mail = answer.startswith(b"354")
                    stream.write(answer + b"\r\n")
                    stream.flush()
                came.append(stream.read())

        thread = threading.Thread(target=serve)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        settings.EMAIL_TIMEOUT = 5
        yield came
        thread.join(timeout=10)


_HELLO = b"250-here\r\n250 PIPELINING"
_AWA_TAKEN = (_HELLO, b"250 from", b"250 to", b"354 go on", b"250 taken")


def test_a_server_that_asks_for_a_mail_whose_recipient_it_refused_gets_nothing(
    settings: Any,
) -> None:
    """RFC 2920, 3.1: what it would do with it is nobody's wish."""
    with server_that_says(settings, *_AWA_TAKEN, b"250 from", b"550 who?", b"354 go on") as came:
        carrier = open_carrier()
        assert carrier.carry(AWA, following=BEN).ending is Ending.ACCEPTED
        outcome = carrier.carry(BEN)
        carrier.close()
    assert (outcome.ending, outcome.code, outcome.answer) == (Ending.REFUSED, 550, "who?")
    assert came[-1] == b""


@pytest.mark.parametrize(
    ("answers", "ending"),
    [
        ((b"421 too busy",), Ending.SENDER),
        ((b"550 not you", b"503 what", b"503 what"), Ending.SENDER),
        ((b"250 from", b"421 too busy"), Ending.UNANSWERED),
        ((b"250 from", b"250 to", b"421 too busy"), Ending.UNANSWERED),
        ((b"250 from", b"nonsense", b"nonsense"), Ending.UNANSWERED),
        ((b"250 from", b"250 to", b"451 later", b"250 reset"), Ending.DEFERRED),
        ((b"250 from", b"250 to", b"554 no", b"250 reset"), Ending.REFUSED),
        ((b"250 from",), Ending.UNANSWERED),
    ],
)
def test_each_answer_to_an_announcement_is_heard(
    answers: tuple[bytes, ...], ending: Ending, settings: Any
) -> None:
    with server_that_says(settings, *_AWA_TAKEN, *answers) as came:
        carrier = open_carrier()
        assert carrier.carry(AWA, following=BEN).ending is Ending.ACCEPTED
        assert carrier.carry(BEN).ending is ending
        carrier.close()
    assert not any(b"Bonjour" in line for line in came[5:])


def test_a_refused_mail_does_not_take_the_one_announced_behind_it_along(settings: Any) -> None:
    answers = (*_AWA_TAKEN[:-1], b"552 full", b"250 from", b"250 to", b"354 go on", b"250 taken")
    with server_that_says(settings, *answers):
        carrier = open_carrier()
        assert carrier.carry(AWA, following=BEN).ending is Ending.REFUSED
        assert carrier.carry(BEN).ending is Ending.ACCEPTED
        carrier.close()
