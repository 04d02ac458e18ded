"""One recipient never stops the others: what a server does about one, and what it does to all."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from credentials.enums import CampaignState, RecipientState
from credentials.mailing.answers import explain
from credentials.mailing.carrier import open_carrier
from credentials.mailing.outcomes import Ending
from credentials.mailing.sending import run_round
from credentials.mailing.verdicts import Tries, judge
from credentials.models import Campaign, MailServer
from tests.cast import Cast
from tests.credentials.mailing import asked, families, family, sent, sink
from tests.credentials.test_mailing_dialogue import AWA
from tests.credentials.test_mailing_kills import crowd
from tests.kit.faulty_mail import CUT, HANG, FaultySink

__all__ = ["sink"]

SIZES = [40, pytest.param(3_000, marks=[pytest.mark.faults, pytest.mark.timeout(600)])]
AFTER_CONTENT = {"before_answer": (CUT, HANG)}


def asked_of(cast: Cast, count: int) -> Campaign:
    """A mailing to so many parents."""
    crowd(cast.school_a, count)
    return asked(cast.school_a, cast.manager_a)


def row_of(campaign: Campaign, address: str) -> Any:
    return campaign.recipients.get(address=address)


@pytest.mark.django_db
@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("pipelines", [True, False])
@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("before_answer", CUT),
        ("before_answer", HANG),
        ("before_answer", "421 4.3.2 Shutting down"),
        ("at_rcpt", CUT),
        ("at_rcpt", "421 4.7.0 Not now"),
        ("at_data", "421 4.7.0 Not now"),
        ("at_data", CUT),
    ],
)
def test_a_server_that_fails_about_one_recipient_makes_nobody_else_wait(
    step: str, fault: str, pipelines: bool, count: int, cast: Cast, sink: FaultySink, settings: Any
) -> None:
    """5 of 210 had been sent after two and a half minutes."""
    settings.EMAIL_TIMEOUT = 1
    sink.pipelines = pipelines
    bad = f"parent{count // 8}@example.org"
    getattr(sink, step)[bad] = fault
    campaign = sent(asked_of(cast, count))
    counts = campaign.recipients.count_by_state()
    assert counts == {RecipientState.ACCEPTED: count - 1, RecipientState.DEFERRED: 1}
    row = row_of(campaign, bad)
    assert timedelta(minutes=4) < row.next_at - timezone.now() <= timedelta(minutes=5)
    assert not MailServer.objects.filter(failures__gt=0).exists()
    others = Counter(address for address in sink.addresses if address != bad)
    assert others == {f"parent{n}@example.org": 1 for n in range(count) if n != count // 8}


@pytest.mark.django_db
@pytest.mark.parametrize("count", SIZES)
def test_many_kinds_of_answers_in_one_mailing_are_one_mail_each(
    count: int, cast: Cast, sink: FaultySink
) -> None:
    """33 of 40 were waiting after 150 seconds."""
    answers = {
        3: ("421 4.7.0 Not now", RecipientState.DEFERRED),
        4: ("450 4.2.1 Busy", RecipientState.DEFERRED),
        5: ("451 4.3.0 Local error", RecipientState.DEFERRED),
        6: ("452 4.2.2 Over quota for now", RecipientState.DEFERRED),
        7: ("552 5.2.2 Mailbox full", RecipientState.REFUSED),
        8: ("550 5.1.1 User unknown", RecipientState.REFUSED),
    }
    for number, (answer, _) in answers.items():
        sink.at_rcpt[f"parent{number}@example.org"] = answer
    campaign = sent(asked_of(cast, count))
    for number, (answer, state) in answers.items():
        row = row_of(campaign, f"parent{number}@example.org")
        assert (row.state, row.code) == (state, int(answer[:3]))
    assert len(sink.mails) == count - len(answers)


@pytest.mark.django_db
def test_a_mail_without_a_final_answer_is_sent_once_more_and_then_shown(
    cast: Cast, sink: FaultySink
) -> None:
    """The same person had got it three times, and would have for ever."""
    bad = "parent2@example.org"
    sink.before_answer[bad] = CUT
    campaign = sent(asked_of(cast, 10))
    for minutes in (6, 30, 24 * 60, 72 * 60):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            sent(campaign)
    assert sink.addresses.count(bad) == 2
    assert row_of(campaign, bad).state == RecipientState.UNCERTAIN
    identifiers = {m["Message-ID"] for m in sink.messages() if m["To"] == bad}
    assert len(identifiers) == 1
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.DONE, "it waits for somebody's decision, not for luck"


@pytest.mark.django_db
def test_a_clean_mailing_behind_one_that_fails_is_sent_at_once(
    cast: Cast, sink: FaultySink
) -> None:
    sink.before_answer["parent0@example.org"] = CUT
    crowd(cast.school_a, 5)
    first = asked(cast.school_a, cast.manager_a)
    for number in range(10):
        family(cast.school_b, 1_000 + number)
    second = asked(cast.school_b, cast.manager_b)
    sent(first)
    second.refresh_from_db()
    assert second.recipients.count_by_state() == {RecipientState.ACCEPTED: 10}


@pytest.mark.django_db
@pytest.mark.parametrize(("step", "fault"), [("at_rcpt", CUT), ("before_answer", CUT)])
def test_addresses_that_fail_again_and_again_never_hold_the_server_back(
    step: str, fault: str, cast: Cast, sink: FaultySink, settings: Any
) -> None:
    """A mailing that comes when many are tried again is not kept waiting."""
    bad = [f"parent{n}@example.org" for n in range(12)]
    getattr(sink, step).update(dict.fromkeys(bad[::2], fault))
    campaign = sent(asked_of(cast, 12))
    getattr(sink, step).clear()
    getattr(sink, step).update(dict.fromkeys(bad[::2], fault))
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        family(cast.school_b, 1_000)
        other = asked(cast.school_b, cast.manager_b)
        sent(campaign)
        assert not MailServer.objects.filter(failures__gt=0).exists()
        assert other.recipients.get().state == RecipientState.ACCEPTED


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["at_rcpt", "at_data", "before_answer"])
def test_a_server_that_answers_nobody_rests_after_a_few(
    step: str, cast: Cast, sink: FaultySink
) -> None:
    addresses = [f"parent{n}@example.org" for n in range(40)]
    getattr(sink, step).update(dict.fromkeys(addresses, CUT))
    campaign = sent(asked_of(cast, 40))
    counts = campaign.recipients.count_by_state()
    assert counts[RecipientState.QUEUED] >= 34
    assert MailServer.objects.get().rests_at(timezone.now())
    assert len(set(sink.announced)) <= 7, "nobody else was named"


@pytest.mark.django_db
def test_a_server_that_refuses_our_sender_costs_nobody_a_try(cast: Cast, sink: FaultySink) -> None:
    sink.at_mail = "451 4.7.0 Sender not now"
    campaign = sent(asked_of(cast, 6))
    rows = campaign.recipients.all()
    assert {row.state for row in rows} == {RecipientState.QUEUED}
    assert {row.attempts for row in rows} == {0}
    assert {row.first_at for row in rows} == {None}
    assert MailServer.objects.get().rests_at(timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("count", SIZES)
def test_greylisting_makes_addresses_wait_and_not_the_server(
    count: int, cast: Cast, sink: FaultySink
) -> None:
    """A server that says 451 to every new pair had taken none of 242 after six minutes."""
    addresses = [f"parent{n}@example.org" for n in range(count)]
    sink.at_rcpt.update(dict.fromkeys(addresses, "451 4.7.1 Greylisted, try again later"))
    campaign = sent(asked_of(cast, count))
    assert campaign.recipients.count_by_state() == {RecipientState.DEFERRED: count}
    family(cast.school_b, 9_000)
    other = sent(asked(cast.school_b, cast.manager_b))
    assert other.state == CampaignState.DONE, "another school's mailing goes on"
    sink.at_rcpt.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        campaign = sent(campaign)
    assert campaign.recipients.count_by_state() == {RecipientState.ACCEPTED: count}


NOW = datetime.fromisoformat("2026-11-30T08:00:00+00:00")
LATER = (RecipientState.DEFERRED, False)


@pytest.mark.parametrize(
    ("ending", "tries", "state", "minutes"),
    [
        (Ending.ACCEPTED, Tries(), RecipientState.ACCEPTED, None),
        (Ending.REFUSED, Tries(), RecipientState.REFUSED, None),
        (Ending.DEFERRED, Tries(), RecipientState.DEFERRED, 5),
        (Ending.DEFERRED, Tries(attempts=1), RecipientState.DEFERRED, 10),
        (Ending.UNANSWERED, Tries(attempts=4), RecipientState.DEFERRED, 80),
        (Ending.DEFERRED, Tries(attempts=9), RecipientState.DEFERRED, 240),
        (
            Ending.DEFERRED,
            Tries(attempts=12, first_at=NOW - timedelta(hours=43)),
            RecipientState.DEFERRED,
            240,
        ),
        (
            Ending.DEFERRED,
            Tries(attempts=12, first_at=NOW - timedelta(hours=45)),
            RecipientState.REFUSED,
            None,
        ),
        (Ending.DOUBTFUL, Tries(), RecipientState.DEFERRED, 5),
        (Ending.DOUBTFUL, Tries(attempts=3, doubts=1), RecipientState.UNCERTAIN, None),
        (Ending.LOST, Tries(), RecipientState.QUEUED, None),
        (Ending.LOST, Tries(attempts=1, doubts=1), RecipientState.UNCERTAIN, None),
        (Ending.SERVER, Tries(attempts=1), RecipientState.QUEUED, None),
    ],
)
def test_one_function_says_what_follows(
    ending: Ending, tries: Tries, state: RecipientState, minutes: int | None
) -> None:
    verdict = judge(ending, tries, now=NOW, is_sent_again=True)
    assert verdict.state == state
    assert verdict.next_at == (NOW + timedelta(minutes=minutes) if minutes else None)


@pytest.mark.parametrize("tries", [Tries(), Tries(attempts=4, doubts=1)])
def test_a_doubt_that_settings_do_not_resend_is_shown_at_once(tries: Tries) -> None:
    verdict = judge(Ending.DOUBTFUL, tries, now=NOW, is_sent_again=False)
    assert verdict.state == RecipientState.UNCERTAIN


@contextmanager
def dripping_server(settings: Any, *, seconds_a_byte: float) -> Iterator[None]:
    """A server that never stops answering: one byte at a time."""
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"220 here\r\n")
                connection.recv(1024)
                connection.sendall(b"250 here\r\n")
                connection.recv(1024)
                while not is_over.wait(seconds_a_byte):
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        settings.EMAIL_TIMEOUT = 5
        try:
            yield
        finally:
            is_over.set()
            thread.join(timeout=10)


def test_a_server_that_answers_a_byte_at_a_time_holds_a_mail_no_longer_than_its_time(
    settings: Any,
) -> None:
    """A byte each 0.15 s had held two workers for minutes."""
    settings.MAIL_SECONDS = 1
    with dripping_server(settings, seconds_a_byte=0.05):
        began = time.monotonic()
        outcome = open_carrier().carry(AWA)
        assert time.monotonic() - began < 3
    assert outcome.ending is Ending.SENDER
    assert outcome.answer == "Le serveur n’a pas répondu à temps."


@pytest.mark.django_db
def test_bodies_are_written_for_servers_that_take_seven_bits(cast: Cast, sink: FaultySink) -> None:
    family(cast.school_a, 1, given_name="Zoé", family_name="Müller")
    sent(asked(cast.school_a, cast.manager_a, text="À bientôt, l’équipe du collège."))
    (_, _, content), *_ = sink.mails
    assert content.isascii()
    message = sink.message_to("parent1@example.org")
    for kind in ("plain", "html"):
        assert "À bientôt, l’équipe du collège." in message.get_body((kind,)).get_content()


@pytest.mark.django_db
def test_what_a_server_does_is_told_in_french_and_never_by_the_name_of_a_class(
    cast: Cast, settings: Any, client_of: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    families(cast.school_a, 1)
    campaign = sent(asked(cast.school_a, cast.manager_a))
    client: Client = client_of(cast.manager_a)
    page = client.get(
        f"/annuaire/administration/diffusion-des-identifiants/{campaign.uuid}/"
    ).content.decode()
    assert "Le serveur refuse la connexion." in page
    assert "Error" not in page


@pytest.mark.parametrize(
    ("code", "words", "meaning"),
    [
        (550, "5.1.1 User unknown", "Cette adresse n’existe pas"),
        (552, "5.2.2 Mailbox full", "La boîte du destinataire est pleine"),
        (450, "4.2.0 Greylisted", "Le serveur demande d’attendre et de réessayer"),
        (421, "Too busy", "Le serveur est occupé ou s’arrête"),
        (599, "Hm", "Le serveur refuse"),
        (None, "5.1.10 550 no MX", "Le domaine de cette adresse ne reçoit pas de courriel"),
    ],
)
def test_an_answer_is_explained_and_quoted(code: int | None, words: str, meaning: str) -> None:
    said = explain(code, words)
    assert said.startswith(meaning)
    assert words in said


def test_words_of_our_own_stay_as_they_are() -> None:
    assert explain(None, "L’adresse n’est pas valable.") == "L’adresse n’est pas valable."


@pytest.mark.django_db
def test_a_round_leaves_a_batch_that_a_server_keeps_waiting_to_the_next(
    cast: Cast, sink: FaultySink
) -> None:
    """The rows are free again at once: another worker takes them."""
    campaign = asked_of(cast, 10)
    assert run_round(lasting=timedelta(seconds=-60)) is True
    assert 0 < len(sink.mails) < 10
    assert not campaign.recipients.filter(claim__isnull=False).exists()
    sent(campaign)
    assert len(sink.mails) == 10
