"""Mails that say that a message arrived: to whom, how often, never twice."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from directory.models import Person
from messaging.announcements.mails import announce, announce_late, send_daily_reminders
from messaging.enums import Frequency
from messaging.kinds import REPORT
from messaging.models import MailboxEntry, MailPreference
from messaging.notices.sending import notify_owner, send_message, send_report
from messaging.preferences.services import choose_frequency
from tests.cast import Cast
from tests.kit.faulty_mail import CUT, FaultySink, running_sink
from tests.messaging.jobs import run_jobs

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Person | None], Client]


@pytest.fixture
def parent(cast: Cast) -> Person:
    Person.objects.filter(pk=cast.parent.pk).update(email="claire@example.org")
    cast.parent.refresh_from_db()
    return cast.parent


def test_a_message_is_announced_once_without_its_text(parent: Person) -> None:
    message = send_report(to=parent, subject="Bilan d’envoi", body="Le contenu privé")
    assert mail.outbox == []
    run_jobs()
    announce(message_uuid=message.uuid)
    announce_late()
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["claire@example.org"]
    assert "Bilan d’envoi" in sent.body
    assert "Le contenu privé" not in sent.body
    assert "http://127.0.0.1:8000/messagerie/" in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    (html,) = sent.alternatives  # type: ignore[attr-defined]
    assert "<img" not in str(html[0])
    assert "http://127.0.0.1:8000/messagerie/" in str(html[0])


@pytest.mark.parametrize(
    "address", ["", "pas une adresse", "a@b.fr, c@d.fr", "a@b.fr\nBcc: x@y.fr"]
)
def test_what_is_no_address_gets_nothing_and_breaks_nothing(cast: Cast, address: str) -> None:
    Person.objects.filter(pk=cast.parent.pk).update(email=address)
    send_report(to=cast.parent, subject="Bilan", body="x")
    run_jobs()
    assert mail.outbox == []
    assert MailboxEntry.objects.get().notified_at is not None


def test_never_means_never_but_security_notices_go_out(parent: Person) -> None:
    choose_frequency(person_id=parent.pk, frequency=Frequency.NEVER)
    send_report(to=parent, subject="Bilan", body="x")
    run_jobs()
    assert mail.outbox == []
    notify_owner(person=parent, subject="Votre mot de passe a changé", body="Il a changé hier.")
    run_jobs()
    (sent,) = mail.outbox
    assert sent.subject == "Votre mot de passe a changé"
    assert "Il a changé hier." in sent.body


def test_what_was_read_meanwhile_is_not_announced(parent: Person) -> None:
    send_report(to=parent, subject="Bilan", body="x")
    MailboxEntry.objects.update(read_at=timezone.now())
    run_jobs()
    assert mail.outbox == []


def test_once_a_day_sends_one_mail_in_the_morning(parent: Person) -> None:
    choose_frequency(person_id=parent.pk, frequency=Frequency.DAILY)
    paris = ZoneInfo("Europe/Paris")
    with time_machine.travel(datetime(2026, 9, 7, 22, 0, tzinfo=paris), tick=False):
        send_report(to=parent, subject="Un", body="x")
        send_report(to=parent, subject="Deux", body="x")
        run_jobs()
        assert send_daily_reminders() == 0
    with time_machine.travel(datetime(2026, 9, 8, 7, 30, tzinfo=paris), tick=False):
        announce_late()
        run_jobs()
        assert mail.outbox == []
        assert send_daily_reminders() == 1
        assert send_daily_reminders() == 0
    with time_machine.travel(datetime(2026, 9, 9, 8, 0, tzinfo=paris), tick=False):
        assert send_daily_reminders() == 0, "nothing new since"
    (sent,) = mail.outbox
    assert sent.subject == "2 messages non lus dans l’ENT"


def test_a_server_that_refuses_is_tried_again(
    parent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    working: Any = EmailMultiAlternatives.send

    def refuse(*args: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    send_report(to=parent, subject="Bilan", body="x")
    run_jobs()
    assert MailboxEntry.objects.get().notified_at is None
    monkeypatch.setattr(EmailMultiAlternatives, "send", working)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert announce_late() == 1
        run_jobs()
    assert len(mail.outbox) == 1


@pytest.fixture
def server(settings: Any) -> Iterator[FaultySink]:
    """A real SMTP server, reached as production does."""
    with running_sink() as sink:
        settings.EMAIL_BACKEND = "ent.mail.timed.TimedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_TIMEOUT = 2
        yield sink


def come_again(times: int = 6) -> None:
    """Let the regular round come several times, some minutes apart."""
    for number in range(1, times + 1):
        with time_machine.travel(timezone.now() + timedelta(minutes=6 * number), tick=False):
            announce_late()
            run_jobs()


@pytest.mark.parametrize(
    ("step", "fault", "tries"),
    [
        ("before_answer", CUT, 1),
        ("at_rcpt", "550 5.1.1 User unknown", 1),
        ("before_answer", "552 5.2.2 Mailbox full", 1),
        ("at_rcpt", "450 4.2.1 Busy", 7),
        ("at_rcpt", CUT, 7),
    ],
)
def test_a_mail_that_may_have_arrived_or_is_refused_for_good_is_not_sent_again(
    step: str, fault: str, tries: int, parent: Person, server: FaultySink
) -> None:
    """Every five minutes for a day, before."""
    getattr(server, step)["claire@example.org"] = fault
    send_report(to=parent, subject="Bilan", body="x")
    run_jobs()
    come_again()
    assert len(server.announced) == tries


def test_one_address_that_fails_keeps_no_other_from_its_mail(
    parent: Person, cast: Cast, server: FaultySink
) -> None:
    Person.objects.filter(pk=cast.teacher.pk).update(email="prof@example.org")
    server.at_rcpt["claire@example.org"] = CUT
    for person in (parent, cast.teacher):
        send_report(to=person, subject="Bilan", body="x")
    run_jobs()
    assert server.addresses == ["prof@example.org"]


def test_without_a_server_the_first_mail_is_the_last_that_is_tried(
    cast: Cast, parent: Person, settings: Any
) -> None:
    """Each of the others would wait as long for nothing."""
    with running_sink() as sink:
        settings.EMAIL_BACKEND = "ent.mail.timed.TimedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_USE_TLS = True  # the server offers none: nobody is ever named
        Person.objects.filter(pk=cast.teacher.pk).update(email="prof@example.org")
        send_message(REPORT, to=[parent, cast.teacher], subject="Bilan", body="x")
        run_jobs()
        assert sink.connections == 1
        assert MailboxEntry.objects.filter(notified_at__isnull=True).count() == 2


def test_the_preference_is_chosen_on_its_page(parent: Person, client_of: ClientOf) -> None:
    client = client_of(parent)
    page = client.get("/messagerie/preferences/").content.decode()
    assert "À chaque message" in page
    answer = client.post("/messagerie/preferences/", {"frequence": "jour"}, follow=True)
    assert "Votre choix est enregistré." in answer.content.decode()
    assert MailPreference.objects.get(person=parent).frequency == Frequency.DAILY
    answer = client.post("/messagerie/preferences/", {"frequence": "toujours"})
    assert answer.status_code == 200
