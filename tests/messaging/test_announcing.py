"""Mails that say that a message arrived: to whom, how often, never twice."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
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
from messaging.enums import Frequency
from messaging.models import Delivery, MailPreference
from messaging.services.announcing import announce, announce_late, send_daily_reminders
from messaging.services.preferences import choose_frequency
from messaging.services.sending import notify_owner, send_report
from tests.cast import Cast
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
    assert Delivery.objects.get().notified_at is not None


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
    Delivery.objects.update(read_at=timezone.now())
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
    assert Delivery.objects.get().notified_at is None
    monkeypatch.setattr(EmailMultiAlternatives, "send", working)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert announce_late() == 1
        run_jobs()
    assert len(mail.outbox) == 1


def test_the_preference_is_chosen_on_its_page(parent: Person, client_of: ClientOf) -> None:
    client = client_of(parent)
    page = client.get("/messagerie/preferences/").content.decode()
    assert "À chaque message" in page
    answer = client.post("/messagerie/preferences/", {"frequence": "jour"}, follow=True)
    assert "Votre choix est enregistré." in answer.content.decode()
    assert MailPreference.objects.get(person=parent).frequency == Frequency.DAILY
    answer = client.post("/messagerie/preferences/", {"frequence": "toujours"})
    assert answer.status_code == 200
