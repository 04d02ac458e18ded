"""Sending mailings: who gets which mail, and what each answer of a server leads to."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountState
from accounts.models import Account
from credentials.enums import CampaignState, RecipientState, SkipReason
from credentials.mailing.sending import run_round
from credentials.mailing.services import (
    cancel_campaign,
    request_campaign,
    resend_failures,
    resume_campaign,
)
from credentials.mailing.verdicts import PATIENCE
from credentials.models import Campaign, CampaignRecipient, MailServer
from directory.models import Person
from messaging.models import Message, NotificationAddress
from tests.cast import Cast
from tests.credentials.mailing import (
    SUBJECT,
    asked,
    families,
    family,
    parents,
    sent,
    sink,
    states,
)
from tests.kit.faulty_mail import CUT, HANG, FaultySink

__all__ = ["sink"]

pytestmark = pytest.mark.django_db


def body_of(message: Any) -> str:
    """The plain half of a mail."""
    return str(message.get_body(("plain",)).get_content())


def link_in(message: Any) -> str:
    """The path of the link that sets the password."""
    found = re.search(r"https?://[^/\s]+(/connexion/lien/[^\s]+)", body_of(message))
    assert found is not None
    return found[1]


def test_a_parent_gets_their_login_and_a_link(cast: Cast, sink: FaultySink) -> None:
    account = family(cast.school_a, 1, given_name="Awa", family_name="Diop")
    campaign = sent(asked(cast.school_a, cast.manager_a))
    assert campaign.state == CampaignState.DONE
    message = sink.message_to("parent1@example.org")
    words = body_of(message)
    assert message["Subject"].strip() == SUBJECT
    assert words.startswith("Bonjour Awa Diop,")
    assert f"Identifiant ENT\u00a0: {account.login}" in words
    assert "60\u00a0jours" in words
    assert "l’administrateur ENT de votre établissement" in words
    places = [words.index(part) for part in (account.login, "À bientôt au collège.", "Besoin")]
    assert places == sorted(places)
    assert words.rstrip().splitlines()[-2:][0] == "Collège Aristide-Briand"
    html = str(message.get_body(("html",)).get_content())
    assert account.login in html
    assert "<img" not in html
    assert "À bientôt" in html


@pytest.mark.parametrize("count", [100, pytest.param(1_000, marks=pytest.mark.faults)])
def test_each_of_many_recipients_gets_a_link_of_their_own(
    count: int, cast: Cast, sink: FaultySink
) -> None:
    """T-G8: the link of a mail opens the account of its addressee, and nobody else's address."""
    from credentials.links.services import find_link
    from signin.mailed_links import hash_token

    accounts = {f"parent{n}@example.org": a for n, a in enumerate(families(cast.school_a, count))}
    sent(asked(cast.school_a, cast.manager_a))
    assert sorted(sink.addresses) == sorted(accounts)
    tokens = set()
    for address, account in accounts.items():
        message = sink.message_to(address)
        assert [a.addr_spec for a in message["To"].addresses] == [address]
        assert message["Cc"] is None and message["Bcc"] is None
        token = link_in(message).rstrip("/").rpartition("/")[2]
        tokens.add(token)
        assert find_link(token_hash=hash_token(token)).account_id == account.pk
    assert len(tokens) == count


@pytest.mark.parametrize(
    ("days", "opens"),
    [(timedelta(days=59, hours=23, minutes=59), True), (timedelta(days=60), False)],
)
def test_the_link_opens_for_sixty_days(
    days: timedelta, opens: bool, cast: Cast, sink: FaultySink
) -> None:
    """T-C5."""
    family(cast.school_a, 1)
    sent(asked(cast.school_a, cast.manager_a))
    path = link_in(sink.message_to("parent1@example.org"))
    with time_machine.travel(timezone.now() + days, tick=False):
        page = Client().get(path, follow=True)
    assert ("new_password" in page.content.decode()) is opens


def test_a_link_is_dead_once_the_account_was_activated_by_paper(
    cast: Cast, sink: FaultySink
) -> None:
    """T-C5."""
    account = family(cast.school_a, 1)
    sent(asked(cast.school_a, cast.manager_a))
    path = link_in(sink.message_to("parent1@example.org"))
    Account.objects.filter(pk=account.pk).update(state=AccountState.ACTIVE, epoch=account.epoch + 1)
    assert "new_password" not in Client().get(path, follow=True).content.decode()


def test_the_same_page_sent_twice_is_one_mailing(cast: Cast, sink: FaultySink) -> None:
    """T-G2."""
    families(cast.school_a, 3)
    key = uuid.uuid4()
    first = asked(cast.school_a, cast.manager_a, key=key)
    assert asked(cast.school_a, cast.manager_a, key=key) == first
    sent(first)
    assert asked(cast.school_a, cast.manager_a, key=key) == first, "long after, by « back »"
    assert Campaign.objects.count() == 1
    assert len(sink.mails) == 3


def test_two_managers_who_ask_the_same_see_the_same_mailing(cast: Cast, sink: FaultySink) -> None:
    """T-G2."""
    families(cast.school_a, 3)
    first = asked(cast.school_a, cast.manager_a)
    second = request_campaign(
        school=cast.school_a,
        choice=parents(cast.school_a),
        subject=SUBJECT,
        text="À bientôt au collège.",
        words="Parents",
        key=uuid.uuid4(),
        actor=cast.ent_administrator,
    )
    assert second.campaign == first
    assert not second.is_new


def test_nobody_is_in_two_mailings_that_run_together(cast: Cast, sink: FaultySink) -> None:
    families(cast.school_a, 3)
    first = asked(cast.school_a, cast.manager_a)
    second = asked(cast.school_a, cast.manager_a, subject="Autre objet")
    assert set(states(second).values()) == {RecipientState.SKIPPED}
    assert set(second.recipients.values_list("reason", flat=True)) == {SkipReason.OTHER_CAMPAIGN}
    sent(first)
    assert len(sink.mails) == 3


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("450 4.2.0 Greylisted, try later", RecipientState.DEFERRED),
        ("451 4.3.0 Local error", RecipientState.DEFERRED),
        ("452 4.5.3 Too many recipients", RecipientState.DEFERRED),
        ("550 5.1.1 User unknown", RecipientState.REFUSED),
        ("552 5.2.2 Mailbox full", RecipientState.REFUSED),
    ],
)
@pytest.mark.parametrize("step", ["at_rcpt", "before_answer"])
@pytest.mark.parametrize("pipelines", [True, False])
def test_an_answer_about_one_recipient_concerns_that_one(
    answer: str, state: RecipientState, step: str, pipelines: bool, cast: Cast, sink: FaultySink
) -> None:
    """T-G3: right state, words kept, the others go on over the same connection."""
    sink.pipelines = pipelines
    families(cast.school_a, 3)
    getattr(sink, step)["parent1@example.org"] = answer
    campaign = sent(asked(cast.school_a, cast.manager_a))
    assert sorted(sink.addresses) == ["parent0@example.org", "parent2@example.org"]
    row = campaign.recipients.get(address="parent1@example.org")
    assert (row.state, row.code) == (state, int(answer[:3]))
    assert answer[4:] in row.answer
    assert sink.connections == 1
    assert sum(campaign.recipients.count_by_state().values()) == 3


def test_a_mail_that_was_put_off_is_tried_again_with_a_new_link(
    cast: Cast, sink: FaultySink
) -> None:
    family(cast.school_a, 1)
    sink.at_rcpt["parent1@example.org"] = "450 4.2.0 Greylisted"
    campaign = sent(asked(cast.school_a, cast.manager_a))
    row = campaign.recipients.get()
    assert row.next_at is not None
    assert timedelta(minutes=4) < row.next_at - timezone.now() <= timedelta(minutes=5)
    sink.at_rcpt.clear()
    sent(campaign)
    assert sink.mails == [], "not before its time"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        campaign = sent(campaign)
    assert campaign.state == CampaignState.DONE
    assert (
        "new_password"
        in Client()
        .get(link_in(sink.message_to("parent1@example.org")), follow=True)
        .content.decode()
    )


def test_a_mail_that_is_put_off_for_two_days_is_given_up_with_the_server_s_words(
    cast: Cast, sink: FaultySink
) -> None:
    family(cast.school_a, 1)
    sink.at_rcpt["parent1@example.org"] = "450 4.2.0 Greylisted"
    campaign = sent(asked(cast.school_a, cast.manager_a))
    waits = 0
    began = now = timezone.now()
    while (row := campaign.recipients.get()).state == RecipientState.DEFERRED and waits < 50:
        assert row.next_at is not None
        now, waits = row.next_at + timedelta(seconds=1), waits + 1
        with time_machine.travel(now):
            sent(campaign)
    assert row.state == RecipientState.REFUSED
    assert "48 heures" in row.answer and "Greylisted" in row.answer
    assert timedelta(hours=30) < now - began <= PATIENCE
    assert waits == 16, "5, 10, 20, 40, 80, 160 minutes, then every 4 hours"


@pytest.mark.parametrize("pipelines", [True, False])
@pytest.mark.parametrize("number", [0, 1])
def test_a_connection_cut_before_the_mail_was_given_costs_nobody_else_anything(
    number: int, pipelines: bool, cast: Cast, sink: FaultySink
) -> None:
    """T-G3: certainly not sent, so sent later; the others go on at once."""
    sink.pipelines = pipelines
    families(cast.school_a, 3)
    sink.at_rcpt[f"parent{number}@example.org"] = CUT
    campaign = sent(asked(cast.school_a, cast.manager_a))
    assert not MailServer.objects.filter(failures__gt=0).exists()
    assert len(sink.mails) == 2
    sink.at_rcpt.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        campaign = sent(campaign)
    assert sorted(sink.addresses) == [f"parent{n}@example.org" for n in range(3)]


@pytest.mark.parametrize("fault", [CUT, HANG])
@pytest.mark.parametrize("resends", [True, False])
@pytest.mark.parametrize("pipelines", [True, False])
def test_a_connection_that_ends_after_the_mail_leaves_a_doubt_that_the_settings_settle(
    fault: str, resends: bool, pipelines: bool, cast: Cast, sink: FaultySink, settings: Any
) -> None:
    """T-G3, with a server elsewhere: sent again, or shown as uncertain."""
    sink.pipelines = pipelines
    settings.MAIL_RESENDS_DOUBTFUL, settings.EMAIL_TIMEOUT = resends, 1
    families(cast.school_a, 2)
    sink.before_answer["parent0@example.org"] = fault
    campaign = sent(asked(cast.school_a, cast.manager_a))
    sink.before_answer.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        sent(campaign)
    assert sink.addresses.count("parent1@example.org") == 1
    assert sink.addresses.count("parent0@example.org") == (2 if resends else 1)
    expected = RecipientState.ACCEPTED if resends else RecipientState.UNCERTAIN
    assert states(campaign)["parent0@example.org"] == expected


def test_a_server_that_answers_421_rests_longer_and_longer(cast: Cast, sink: FaultySink) -> None:
    families(cast.school_a, 3)
    sink.at_mail = "421 4.7.0 Too busy"
    campaign = asked(cast.school_a, cast.manager_a)
    rests = []
    now = timezone.now()
    for _ in range(4):
        with time_machine.travel(now, tick=False):
            sent(campaign)
            server = MailServer.objects.get()
            assert server.open_until is not None
            rests.append((server.open_until - now).total_seconds())
            tried = sink.connections
            sent(campaign)
            assert sink.connections == tried, "nobody tries while it rests"
        now = server.open_until + timedelta(seconds=1)
    assert rests == [30, 60, 120, 240]
    assert set(states(campaign).values()) == {RecipientState.QUEUED}


def test_a_server_that_is_not_there_costs_nobody_anything(
    cast: Cast, sink: FaultySink, settings: Any
) -> None:
    families(cast.school_a, 2)
    settings.EMAIL_USE_TLS = True  # the sink offers none
    campaign = sent(asked(cast.school_a, cast.manager_a))
    assert set(states(campaign).values()) == {RecipientState.QUEUED}
    assert MailServer.objects.get().failures == 1


def test_a_name_that_cannot_be_written_stops_nobody_else(cast: Cast, sink: FaultySink) -> None:
    """T-G5."""
    accounts = families(cast.school_a, 5)
    accounts[2].person.family_name = "Du\x0brand"
    accounts[2].person.save(update_fields=["family_name"])
    campaign = sent(asked(cast.school_a, cast.manager_a))
    assert states(campaign)["parent2@example.org"] == RecipientState.REFUSED
    assert len(sink.mails) == 4
    assert "caractère interdit" in campaign.recipients.get(state="refuse").answer


@pytest.mark.parametrize("sign", list("\r\n\x00\x0b\x0c\x1c\x1e\x85\u2028\u2029"))
def test_a_subject_forced_into_the_database_breaks_no_header(
    sign: str, cast: Cast, sink: FaultySink
) -> None:
    """T-G9: one intact header block, the keys that we wrote and no other."""
    family(cast.school_a, 1)
    campaign = asked(cast.school_a, cast.manager_a)
    if sign != "\x00":  # PostgreSQL holds none
        Campaign.objects.update(subject=f"Bonjour{sign}Bcc: tous@example.org{sign}{sign}Corps")
    sent(campaign)
    message = sink.message_to("parent1@example.org")
    assert set(message.keys()) == {
        "Content-Type",
        "MIME-Version",
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
    }
    assert "Identifiant ENT" in body_of(message)


def test_addresses_of_every_kind(cast: Cast, sink: FaultySink) -> None:
    """T-G10: the rules, and one mail with its own link for each account."""
    school = cast.school_a
    family(school, 1, email="Deux@Example.org")
    family(school, 2, email="deux@example.org")
    family(school, 3, email="mairie@exämple.org")
    family(school, 4, email="")
    family(school, 5, email="   ")
    family(school, 6, email="root@localhost")
    family(school, 7, email="a@example.org, b@example.org")
    family(school, 8, email=f"{'x' * 240}@example.org")
    campaign = sent(asked(school, cast.manager_a))
    reasons = [row.reason for row in campaign.recipients.order_by("account__person__pk")]
    assert reasons == ["", "", "", "sans-adresse", "sans-adresse", *["adresse-invalide"] * 2, ""]
    assert sorted(sink.addresses)[:2] == ["Deux@Example.org", "deux@example.org"]
    assert "mairie@xn--exmple-cua.org" in sink.addresses
    links = [link_in(message) for message in sink.messages()]
    assert len(set(links)) == len(links)


def test_the_confirmed_address_goes_before_the_feed_s(cast: Cast, sink: FaultySink) -> None:
    account = family(cast.school_a, 1)
    campaign = asked(cast.school_a, cast.manager_a)
    NotificationAddress.objects.create(
        person=account.person, email="choisie@example.org", confirmed_at=timezone.now()
    )
    sent(campaign)
    assert sink.addresses == ["choisie@example.org"]


def test_who_changed_between_the_request_and_the_mail_gets_none(
    cast: Cast, sink: FaultySink
) -> None:
    """T-G11."""
    active, blocked, left, erased, staying = families(cast.school_a, 5)
    campaign = asked(cast.school_a, cast.manager_a)
    Account.objects.filter(pk=active.pk).update(state=AccountState.ACTIVE)
    Account.objects.filter(pk=blocked.pk).update(state=AccountState.BLOCKED)
    left.person.left_at = timezone.now()
    left.person.save(update_fields=["left_at"])
    CampaignRecipient.objects.filter(account=erased).update(account=None)
    campaign = sent(campaign)
    assert sink.addresses == ["parent4@example.org"]
    assert [row.reason for row in campaign.recipients.order_by("pk")] == [
        SkipReason.ACTIVATED,
        SkipReason.BLOCKED,
        SkipReason.LEFT,
        SkipReason.ERASED,
        "",
    ]
    assert campaign.state == CampaignState.DONE
    assert staying.pk


def test_who_leaves_after_their_mail_was_written_gets_none(
    cast: Cast, sink: FaultySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-G11: the last look, just before the mail, sees it too."""
    from credentials.mailing.claiming import Claim

    families(cast.school_a, 3)
    campaign = asked(cast.school_a, cast.manager_a)
    begin = Claim.begin

    def leave_before_the_second(claim: Claim, recipient: int, **others: Any) -> bool:
        if sink.mails:
            waiting = campaign.recipients.exclude(address="parent0@example.org")
            people = waiting.values("account__person")
            Person.objects.filter(pk__in=people).update(left_at=timezone.now())
        return begin(claim, recipient, **others)

    monkeypatch.setattr(Claim, "begin", leave_before_the_second)
    sent(campaign)
    assert sink.addresses == ["parent0@example.org"]


def test_a_stopped_mailing_sends_nothing_more_and_goes_on_where_it_was(
    cast: Cast, sink: FaultySink, settings: Any
) -> None:
    """T-G7."""
    settings.MAIL_BATCH = 10
    families(cast.school_a, 30)
    campaign = asked(cast.school_a, cast.manager_a)
    assert run_round(lasting=timedelta(0)) is True
    assert len(sink.mails) == 10
    assert cancel_campaign(campaign=campaign, actor=cast.manager_a) == 20
    sent(campaign)
    assert len(sink.mails) == 10
    assert campaign.recipients.count_by_state() == {
        RecipientState.ACCEPTED: 10,
        RecipientState.CANCELLED: 20,
    }
    assert resume_campaign(campaign=campaign, actor=cast.manager_a) == 20
    campaign = sent(campaign)
    assert sorted(sink.addresses) == sorted(f"parent{n}@example.org" for n in range(30))
    assert campaign.state == CampaignState.DONE


def test_a_mailing_stopped_while_a_batch_is_in_hand_sends_at_most_the_mail_that_is_leaving(
    cast: Cast, sink: FaultySink
) -> None:
    """T-G7: the row is asked once more just before each mail."""
    from credentials.mailing.claiming import Claim

    families(cast.school_a, 3)
    campaign = asked(cast.school_a, cast.manager_a)
    claim = Claim.take_place()
    assert claim is not None
    taken = claim.take(size=10, now=timezone.now())
    cancel_campaign(campaign=campaign, actor=cast.manager_a)
    assert not any(claim.begin(row, now=timezone.now(), after=None) for row, _ in taken)
    claim.close()


def test_a_mailing_stopped_between_two_mails_takes_the_announced_one_back(
    cast: Cast, sink: FaultySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-G7: the server knows who would be written to, and gets nothing."""
    from credentials.mailing.claiming import Claim

    families(cast.school_a, 3)
    campaign = asked(cast.school_a, cast.manager_a)
    begin = Claim.begin

    def stop_before_the_second(claim: Claim, recipient: int, **others: Any) -> bool:
        if sink.mails:
            cancel_campaign(campaign=campaign, actor=cast.manager_a)
        return begin(claim, recipient, **others)

    monkeypatch.setattr(Claim, "begin", stop_before_the_second)
    campaign = sent(campaign)
    assert sink.addresses == ["parent0@example.org"]
    assert list(states(campaign).values()) == [
        RecipientState.ACCEPTED,
        RecipientState.CANCELLED,
        RecipientState.CANCELLED,
    ]


def test_failures_are_sent_again_on_demand(cast: Cast, sink: FaultySink) -> None:
    families(cast.school_a, 3)
    sink.at_rcpt["parent1@example.org"] = "550 5.1.1 User unknown"
    campaign = sent(asked(cast.school_a, cast.manager_a))
    sink.at_rcpt.clear()
    assert resend_failures(campaign=campaign, actor=cast.manager_a) == 1
    assert resend_failures(campaign=campaign, actor=cast.manager_a) == 0, "once is enough"
    campaign = sent(campaign)
    assert sink.addresses.count("parent1@example.org") == 1
    assert campaign.state == CampaignState.DONE
    assert Message.objects.filter(subject__startswith="Bilan").count() == 2


def test_a_small_mailing_does_not_wait_for_a_large_one(
    cast: Cast, sink: FaultySink, settings: Any
) -> None:
    """T-G6."""
    settings.MAIL_BATCH = 20
    families(cast.school_a, 120)
    large = asked(cast.school_a, cast.manager_a)
    run_round(lasting=timedelta(0))
    for number in range(10):
        family(cast.school_b, 1_000 + number)
    small = asked(cast.school_b, cast.manager_b)
    run_round(lasting=timedelta(0))
    run_round(lasting=timedelta(0))
    small.refresh_from_db()
    large.refresh_from_db()
    assert small.state == CampaignState.DONE
    assert large.state == CampaignState.RUNNING
    sent(large)
    assert len(sink.mails) == 130


def test_a_domain_gets_no_more_than_its_cap_in_a_minute(
    cast: Cast, sink: FaultySink, settings: Any
) -> None:
    """T-G6: the other domains go on."""
    settings.MAIL_PER_DOMAIN_PER_MINUTE = 3
    families(cast.school_a, 8)
    family(cast.school_a, 50, email="seule@autre.example")
    campaign = asked(cast.school_a, cast.manager_a)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        sent(campaign)
    assert len([a for a in sink.addresses if a.endswith("@example.org")]) == 3
    assert "seule@autre.example" in sink.addresses
    with time_machine.travel(now + timedelta(seconds=61), tick=False):
        sent(campaign)
    assert len([a for a in sink.addresses if a.endswith("@example.org")]) == 6


def test_the_pace_of_the_settings_is_kept(
    cast: Cast, sink: FaultySink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-G6: twenty mails at ten a second, over one of two connections, take four seconds."""
    from credentials.mailing import sending

    settings.MAIL_PER_SECOND, settings.MAIL_CONNECTIONS = 10, 2
    clock = {"now": 100.0}
    monkeypatch.setattr("credentials.mailing.sending.time.monotonic", lambda: clock["now"])
    monkeypatch.setattr(
        "credentials.mailing.sending.time.sleep",
        lambda seconds: clock.update(now=clock["now"] + seconds),
    )
    pacer = sending.Pacer()
    for _ in range(20):
        pacer.wait()
    assert clock["now"] - 100 == pytest.approx(19 * 0.2)


def test_there_are_no_more_connections_than_the_settings_allow(
    cast: Cast, sink: FaultySink, settings: Any
) -> None:
    from credentials.mailing.claiming import Claim

    settings.MAIL_CONNECTIONS = 2
    first, second = Claim.take_place(), Claim.take_place()
    assert first is not None and second is not None
    assert Claim.take_place() is None
    families(cast.school_a, 1)
    campaign = asked(cast.school_a, cast.manager_a)
    assert run_round() is False
    assert sink.mails == []
    first.close()
    sent(campaign)
    assert len(sink.mails) == 1
    second.close()


def test_the_report_says_what_became_of_each_and_where_the_others_are(
    cast: Cast, sink: FaultySink
) -> None:
    """R-E6."""
    from ent.files.models import StoredFile
    from ent.files.reading import read_file

    family(cast.school_a, 1, family_name="=cmd|calc")
    family(cast.school_a, 2)
    family(cast.school_a, 3, email="")
    sink.at_rcpt["parent2@example.org"] = "550 5.1.1 User unknown"
    campaign = sent(asked(cast.school_a, cast.manager_a))
    message = Message.objects.get()
    assert message.entries.get().recipient_id == cast.manager_a.pk
    assert "Destinataires\u00a0: 3" in message.body
    assert f"/{campaign.uuid}/destinataires/?etat=sans-adresse" in message.body
    stored = StoredFile.objects.get(uuid=message.attachments.get().file_uuid)
    text = b"".join(read_file(stored)).decode("utf-8-sig")
    lines = text.split("\r\n")
    assert lines[0] == "nom;prenom;profil;adresse;resultat;detail;date"
    assert len([line for line in lines if line]) == 4
    assert "550 5.1.1 User unknown" in text
    assert "sans adresse électronique" in text
    assert ";=cmd" not in text and not any(line.startswith("=") for line in lines)


def test_a_large_batch_costs_few_statements_more_than_a_small_one(
    cast: Cast, sink: FaultySink, django_assert_max_num_queries: Any
) -> None:
    families(cast.school_a, 40)
    asked(cast.school_a, cast.manager_a)
    with django_assert_max_num_queries(40 + 60):
        run_round()
    assert len(sink.mails) == 40


def test_the_html_that_is_rendered_once_is_the_one_of_each_person(cast: Cast) -> None:
    """The marks of the shared page give way to each person's words, escaped as a template does."""
    from django.template.loader import render_to_string

    from credentials.mailing.writing import DAYS, Addressee, frame, html_of

    shared = frame(school=cast.school_a, subject="Objet", text="Bonjour <b> & name login href")
    for name in ("Awa Diop", "O'Brien <script>", '"&amp; href', "Zoé"):
        person = Addressee(
            recipient=1, address="a@example.org", name=name, login="awa.diop", href="http://x/?a&b"
        )
        whole = render_to_string(
            "credentials/mailing_mail.html", {"shared": shared, "person": person, "days": DAYS}
        )
        assert html_of(shared, person) == whole


@pytest.mark.parametrize(
    "text", ["court", ".\n..\n.point\r\nFrom nous\rfin", "é" * 600, "x" * 1200]
)
def test_what_is_written_by_hand_reads_as_what_django_writes(text: str) -> None:
    """Two halves, the same words, the same headers, no line longer than a server takes."""
    from email import message_from_bytes
    from email.policy import default

    from credentials.mailing.composing import compose
    from credentials.mailing.writing import Letter

    letter = Letter(
        sender="rebond@example.org",
        address="mairie@exämple.org",
        subject="École élémentaire Antoine-de-Saint-Exupéry, vos identifiants de connexion",
        text=text,
        html=f"<p>{text}</p>",
        message_id="<1@ent.example>",
    )
    sent_bytes = compose(letter)
    assert sent_bytes.endswith(b"\r\n.\r\n")
    assert b"\n" not in sent_bytes.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in sent_bytes.split(b"\r\n"))
    undone = re.sub(rb"(?m)^\.\.", b".", sent_bytes.removesuffix(b".\r\n"))
    ours: Any = message_from_bytes(undone, policy=default)
    theirs: Any = message_from_bytes(letter.message().message().as_bytes(), policy=default)
    assert ours["Subject"] == letter.subject == theirs["Subject"].strip()
    for name in ("From", "To", "Message-ID", "Auto-Submitted"):
        assert ours[name] == theirs[name]
    for kind in ("plain", "html"):
        halves = (message.get_body((kind,)).get_content() for message in (ours, theirs))
        mine, other = (re.sub("\r\n?", "\n", half).rstrip("\n") for half in halves)
        assert mine == other
