"""Mails in doubt, mails that come back: what a log, or a notification, says of a row."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from credentials.enums import RecipientState
from credentials.mailing.bounces import receive
from credentials.mailing.doubts import DoubtPolicy, policy, settle_doubts
from credentials.mailing.identity import bounce_address, message_id, recipient_of_bounce
from credentials.models import Campaign, CampaignRecipient
from tests.cast import Cast
from tests.credentials.mailing import asked, families, family, sent, sink
from tests.kit.faulty_mail import FaultySink

__all__ = ["sink"]

pytestmark = pytest.mark.django_db


def in_doubt(campaign: Campaign, *, seconds: int = 400) -> list[CampaignRecipient]:
    """Leave every row as a worker leaves the one that it was sending when it died."""
    began = timezone.now() - timedelta(seconds=seconds)
    campaign.recipients.update(state=RecipientState.SENDING, started_at=began, attempts=1)
    return list(campaign.recipients.order_by("pk"))


def identifier(row: CampaignRecipient) -> str:
    """The Message-ID of a row's mail."""
    return message_id(campaign_uuid=str(row.campaign.uuid), recipient=row.pk)


@pytest.fixture
def relay_log(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A relay on this machine and its log."""
    log = tmp_path / "mail.log"
    settings.MAIL_RELAY_IS_LOCAL, settings.MAIL_RELAY_LOG = True, str(log)
    yield log


def cleanup(name: str, words: str) -> str:
    """What Postfix writes while it reads a mail."""
    return f"Nov 25 08:00:00 relay postfix/cleanup[812]: {name}: message-id={words}\n"


def queued(name: str) -> str:
    """What Postfix writes once it has taken a mail."""
    return (
        f"Nov 25 08:00:00 relay postfix/qmgr[33]: {name}: "
        "from=<rebond@x.example>, size=2210, nrcpt=1 (queue active)\n"
    )


def test_the_relay_s_log_says_which_mails_it_has(cast: Cast, relay_log: Path) -> None:
    """Only a mail that was taken counts: one that was merely being read is sent again."""
    families(cast.school_a, 4)
    rows = in_doubt(asked(cast.school_a, cast.manager_a))
    former = relay_log.with_name("mail.log.1")
    former.write_text(cleanup("4A", identifier(rows[0])) + queued("4A"))
    relay_log.write_text(
        cleanup("4B", identifier(rows[1])) + queued("4B") + cleanup("4C", identifier(rows[2]))
    )
    assert settle_doubts(now=timezone.now()) == 4
    assert [row.state for row in CampaignRecipient.objects.order_by("pk")] == [
        RecipientState.ACCEPTED,
        RecipientState.ACCEPTED,
        RecipientState.QUEUED,
        RecipientState.QUEUED,
    ]


def test_a_queue_name_given_again_says_nothing_of_the_mail_before(
    cast: Cast, relay_log: Path
) -> None:
    """Postfix's short names are used again: the mail that it took is another one."""
    families(cast.school_a, 1)
    (row,) = in_doubt(asked(cast.school_a, cast.manager_a))
    relay_log.write_text(
        cleanup("4A", identifier(row)) + cleanup("4A", "<another@x>") + queued("4A")
    )
    assert settle_doubts(now=timezone.now()) == 1
    row.refresh_from_db()
    assert row.state == RecipientState.QUEUED


def test_the_log_is_not_asked_before_the_relay_must_have_ended(cast: Cast, relay_log: Path) -> None:
    families(cast.school_a, 1)
    in_doubt(asked(cast.school_a, cast.manager_a), seconds=300)
    relay_log.write_text(cleanup("4A", "<other@x>"))
    assert settle_doubts(now=timezone.now()) == 0
    assert settle_doubts(now=timezone.now() + timedelta(seconds=31)) == 1


@pytest.mark.parametrize("log", [None, "", "smtpd: some other format\n"])
def test_a_log_that_does_not_tell_leaves_it_to_somebody(
    log: str | None, cast: Cast, relay_log: Path
) -> None:
    families(cast.school_a, 1)
    (row,) = in_doubt(asked(cast.school_a, cast.manager_a))
    if log is not None:
        relay_log.write_text(log)
    settle_doubts(now=timezone.now())
    row.refresh_from_db()
    assert row.state == RecipientState.UNCERTAIN


@pytest.mark.parametrize(
    ("local", "log", "resends", "expected"),
    [
        (True, "/var/log/mail.log", True, DoubtPolicy.LOG),
        (True, "", True, DoubtPolicy.SHOWN),
        (False, "", True, DoubtPolicy.RESENT),
        (False, "", False, DoubtPolicy.SHOWN),
    ],
)
def test_the_choice_is_one_of_three_and_the_screens_say_which(
    local: bool,
    log: str,
    resends: bool,
    expected: DoubtPolicy,
    cast: Cast,
    settings: Any,
    client_of: Any,
) -> None:
    settings.MAIL_RELAY_IS_LOCAL, settings.MAIL_RELAY_LOG = local, log
    settings.MAIL_RESENDS_DOUBTFUL = resends
    assert policy() is expected
    page = client_of(cast.manager_a).get(
        "/annuaire/administration/diffusion-des-identifiants/preparer/0541111A/"
    )
    assert expected.value in page.content.decode()


def test_the_message_id_is_the_same_at_every_try(cast: Cast, sink: FaultySink) -> None:
    family(cast.school_a, 1)
    campaign = sent(asked(cast.school_a, cast.manager_a))
    row = campaign.recipients.get()
    assert sink.message_to("parent1@example.org")["Message-ID"] == identifier(row)


# Bounces (T-G12).


@pytest.fixture
def returned(cast: Cast, sink: FaultySink, settings: Any) -> CampaignRecipient:
    """A mail that left, with an address to come back to."""
    settings.MAIL_BOUNCE_DOMAIN = "rebonds.example.org"
    families(cast.school_a, 2)
    return sent(asked(cast.school_a, cast.manager_a)).recipients.order_by("pk")[0]


def notification(to: str, *, action: str = "failed", kind: str = "delivery-status") -> bytes:
    """A delivery status notification (RFC 3464)."""
    return (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\nSubject: Undelivered\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind}; boundary="b"\r\n'
        "\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; parent0@example.org\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b--\r\n"
    ).encode()


def test_the_envelope_sender_is_the_address_to_which_the_mail_comes_back(
    returned: CampaignRecipient, sink: FaultySink
) -> None:
    senders = {to: sender for sender, to, _ in sink.mails}
    assert senders[returned.address] == bounce_address(returned.pk)
    assert len(set(senders.values())) == 2


def test_a_notification_marks_the_row_that_it_concerns(returned: CampaignRecipient) -> None:
    assert receive(notification(bounce_address(returned.pk)))
    rows = list(CampaignRecipient.objects.order_by("pk"))
    assert [row.state for row in rows] == [RecipientState.RETURNED, RecipientState.ACCEPTED]
    assert "550 5.1.1 User unknown" in rows[0].answer


def in_mixed(report: bytes) -> bytes:
    """The same notification inside another mail, as gateways wrap it."""
    head, _, body = report.partition(b"Content-Type: multipart/report")
    return (
        head
        + b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n--outer\r\n'
        + b"Content-Type: text/plain\r\n\r\nScanned.\r\n--outer\r\n"
        + b"Content-Type: multipart/report"
        + body
        + b"\r\n--outer--\r\n"
    )


def plain(to: str, text: str, **headers: str) -> bytes:
    """A mail of one text."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"To: {to}\r\n{more}Content-Type: text/plain\r\n\r\n{text}".encode()


QMAIL = (
    "Hi. This is the qmail-send program at example.org.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
    "<parent0@example.org>:\n192.0.2.1 does not like recipient.\n"
    "Remote host said: 550 5.1.1 User unknown\nGiving up on 192.0.2.1.\n\n"
    "--- Below this line is a copy of the message.\n\nReturn-Path: <x@y>\n"
)
EXIM = (
    "This message was created automatically by mail delivery software.\n\n"
    "A message that you sent could not be delivered to one or more of its\n"
    "recipients. This is a permanent error. The following address(es) failed:\n\n"
    "  parent0@example.org\n    host mx.example.org [192.0.2.1]\n"
    "    SMTP error from remote mail server after RCPT TO:<parent0@example.org>:\n"
    "    550 5.1.1 User unknown\n\n------ This is a copy of the message ------\n"
)


def shapes(to: str) -> dict[str, bytes]:
    """Returned mails as servers write them."""
    odd = notification(to, action="failed (5.1.1)").replace(b"Status: 5.1.1\r\n", b"")
    machine = {"From": "MAILER-DAEMON@example.org"}
    encoded = notification(to).split(b"Content-Type: message/delivery-status\r\n\r\n")
    fields, end = encoded[1].split(b"--b--")
    in_base64 = b"\r\n".join(
        [
            encoded[0] + b"Content-Type: message/delivery-status",
            b"Content-Transfer-Encoding: base64\r\n",
            base64.encodebytes(fields).replace(b"\n", b"\r\n"),
            b"--b--" + end,
        ]
    )
    return {
        "nested": in_mixed(notification(to)),
        "commented": odd,
        "capitals": notification(to, action="FAILED"),
        "global": notification(to).replace(
            b"message/delivery-status", b"message/global-delivery-status"
        ),
        "base64": in_base64,
        "qmail": plain(to, QMAIL, **machine),
        "exim": plain(
            to,
            EXIM,
            X_Failed_Recipients="parent0@example.org",
            Auto_Submitted="auto-replied",
            **machine,
        ),
        "sendmail": plain(
            to,
            "   ----- The following addresses had permanent fatal errors -----\n"
            "<parent0@example.org>\n    (reason: 550 5.1.1 User unknown)\n",
            **machine,
        ),
    }


@pytest.mark.parametrize("shape", sorted(shapes("x@example.org")))
def test_a_mail_that_came_back_is_read_in_every_shape(
    shape: str, returned: CampaignRecipient
) -> None:
    assert receive(shapes(bounce_address(returned.pk))[shape], to=bounce_address(returned.pk))
    returned.refresh_from_db()
    assert returned.state == RecipientState.RETURNED
    assert "5.1.1" in returned.answer


@pytest.mark.parametrize("forged", ["code", "recipient", "domain", "plain"])
def test_a_made_up_notification_changes_nothing(forged: str, returned: CampaignRecipient) -> None:
    local, domain = bounce_address(returned.pk).split("@")
    _, number, code = local.split("-")
    address = {
        "code": f"rebond-{number}-{'0' * 20}@{domain}",
        "recipient": f"rebond-{int(number) + 1}-{code}@{domain}",
        "domain": f"{local}@ailleurs.example",
        "plain": "parent0@example.org",
    }[forged]
    assert not receive(notification(address))
    assert not CampaignRecipient.objects.filter(state=RecipientState.RETURNED).exists()


@pytest.mark.parametrize(
    "content",
    [
        *("delay", "answer", "garbage", "disposition"),
        *("nested delay", "relayed", "text delay", "holidays"),
    ],
)
def test_what_is_no_return_changes_nothing(content: str, returned: CampaignRecipient) -> None:
    to = bounce_address(returned.pk)
    mails = {
        "delay": notification(to, action="delayed"),
        "answer": f"To: {to}\r\nSubject: Absent\r\n\r\nEn vacances.\r\n".encode(),
        "garbage": b"\xff\x00" * 4_000,
        "disposition": notification(to, kind="disposition-notification"),
        "nested delay": in_mixed(notification(to, action="delayed (4.4.1)")),
        "relayed": notification(to, action="relayed"),
        "text delay": plain(
            to,
            "THIS IS A WARNING MESSAGE ONLY. 450 4.2.1 busy; 550 hours left. It will be retried.",
            From="MAILER-DAEMON@example.org",
        ),
        "holidays": plain(to, "Absent jusqu'au 5.1.1, appelez le 550 12", From="papa@example.org"),
    }
    assert not receive(mails[content], to=to)
    assert not CampaignRecipient.objects.filter(state=RecipientState.RETURNED).exists()


def test_the_command_reads_a_mail_on_its_standard_input(
    returned: CampaignRecipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = notification("postmaster@rebonds.example.org")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    out = io.StringIO()
    call_command("receive_bounce", to=bounce_address(returned.pk).upper(), stdout=out)
    assert out.getvalue().strip() == "returned"


def test_without_a_bounce_domain_no_address_means_anything(returned: Any, settings: Any) -> None:
    address = bounce_address(returned.pk)
    settings.MAIL_BOUNCE_DOMAIN = ""
    assert bounce_address(returned.pk) == ""
    assert recipient_of_bounce(address) is None
