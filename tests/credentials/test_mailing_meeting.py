"""Mailings that meet: nobody gets two mails without its being asked for, and the pages say who."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from credentials.enums import CampaignState, RecipientState, SkipReason
from credentials.mailing.choosing import RECENTLY, expect
from credentials.mailing.services import (
    AlikeRunningError,
    cancel_campaign,
    request_campaign,
    resend_failures,
    resume_campaign,
)
from credentials.models import Campaign
from directory.models import Person
from directory.rights.actors import actor_for
from tests.cast import Cast
from tests.credentials.mailing import asked, families, parents, sent, sink
from tests.kit.faulty_mail import FaultySink

__all__ = ["sink"]

pytestmark = pytest.mark.django_db
DESK = "/annuaire/administration/diffusion-des-identifiants/"
PREPARE = f"{DESK}preparer/0541111A/"
CONFIRM = f"{DESK}diffuser/0541111A/"
SignIn = Callable[[Person | None], Client]


def test_who_got_the_mail_lately_gets_no_second_one_by_default(
    cast: Cast, sink: FaultySink
) -> None:
    """242 people had got two mails each, from two presses."""
    families(cast.school_a, 3)
    sent(asked(cast.school_a, cast.manager_a))
    expected = expect(parents(cast.school_a), actor=actor_for(cast.manager_a))
    assert (expected.chosen, expected.skipped) == (0, {SkipReason.RECENT: 3})
    second = sent(asked(cast.school_a, cast.manager_a, subject="Autre objet"))
    assert second.recipients.count_by_state() == {RecipientState.SKIPPED: 3}
    assert len(sink.mails) == 3
    with time_machine.travel(timezone.now() + RECENTLY + timedelta(minutes=1)):
        assert expect(parents(cast.school_a), actor=actor_for(cast.manager_a)).chosen == 3


def test_a_second_mail_may_be_asked_for(cast: Cast, sink: FaultySink) -> None:
    families(cast.school_a, 3)
    sent(asked(cast.school_a, cast.manager_a))
    actor = actor_for(cast.manager_a)
    assert expect(parents(cast.school_a), actor=actor, is_repeated=True).chosen == 3
    sent(asked(cast.school_a, cast.manager_a, subject="Rappel", is_repeated=True))
    assert len(sink.mails) == 6


def test_who_waits_in_a_stopped_mailing_is_not_written_to_twice(
    cast: Cast, sink: FaultySink
) -> None:
    families(cast.school_a, 3)
    first = asked(cast.school_a, cast.manager_a)
    cancel_campaign(campaign=first, actor=cast.manager_a)
    second = asked(cast.school_a, cast.manager_a, subject="Autre objet")
    reasons = set(second.recipients.values_list("reason", flat=True))
    assert reasons == {SkipReason.STOPPED_CAMPAIGN}
    sent(second)
    assert sink.mails == []
    assert resume_campaign(campaign=first, actor=cast.manager_a) == 3
    sent(first)
    assert len(sink.mails) == 3


@pytest.mark.django_db(transaction=True)
def test_a_mailing_is_not_stopped_while_its_failures_are_sent_again(
    cast: Cast, sink: FaultySink
) -> None:
    """Both change the same rows: stopped in between, it would run on with the failures alone."""
    families(cast.school_a, 2)
    sink.at_rcpt["parent0@example.org"] = "550 5.1.1 User unknown"
    campaign = asked(cast.school_a, cast.manager_a)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM directory_school WHERE id = %s FOR NO KEY UPDATE",
                [cast.school_a.pk],
            )
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(OperationalError):
            cancel_campaign(campaign=campaign, actor=cast.manager_a)
        other.rollback()
        assert cancel_campaign(campaign=campaign, actor=cast.manager_a) == 2
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def test_a_mailing_taken_up_leaves_out_whom_another_has_reached(
    cast: Cast, sink: FaultySink
) -> None:
    families(cast.school_a, 4)
    first = asked(cast.school_a, cast.manager_a)
    cancel_campaign(campaign=first, actor=cast.manager_a)
    second = asked(cast.school_a, cast.manager_a, subject="Autre objet", is_repeated=True)
    sink.at_rcpt["parent0@example.org"] = "450 4.2.1 Busy"
    sink.at_rcpt["parent1@example.org"] = "550 5.1.1 User unknown"
    sent(second)
    sink.at_rcpt.clear()
    assert resume_campaign(campaign=first, actor=cast.manager_a) == 1
    first = sent(first)
    assert {row.address: row.reason for row in first.recipients.all()} == {
        "parent0@example.org": SkipReason.OTHER_CAMPAIGN,
        "parent1@example.org": "",
        "parent2@example.org": SkipReason.RECENT,
        "parent3@example.org": SkipReason.RECENT,
    }
    assert first.state == CampaignState.DONE
    assert sorted(sink.addresses) == [f"parent{n}@example.org" for n in (1, 2, 3)]


def test_failures_sent_again_leave_out_whom_another_has_reached(
    cast: Cast, sink: FaultySink
) -> None:
    """A second mail would end the link of the first."""
    families(cast.school_a, 3)
    for number in range(3):
        sink.at_rcpt[f"parent{number}@example.org"] = "550 5.1.1 User unknown"
    first = sent(asked(cast.school_a, cast.manager_a))
    del sink.at_rcpt["parent2@example.org"]
    sink.at_rcpt["parent0@example.org"] = "450 4.2.1 Busy"
    sent(asked(cast.school_a, cast.manager_a, subject="Autre objet"))
    sink.at_rcpt.clear()
    assert resend_failures(campaign=first, actor=cast.manager_a) == 1
    first = sent(first)
    assert {row.address: row.reason for row in first.recipients.all()} == {
        "parent0@example.org": SkipReason.OTHER_CAMPAIGN,
        "parent1@example.org": "",
        "parent2@example.org": SkipReason.RECENT,
    }
    assert sorted(sink.addresses) == ["parent1@example.org", "parent2@example.org"]


def test_a_mailing_whose_failures_another_has_reached_stays_ended(
    cast: Cast, sink: FaultySink
) -> None:
    """It would end, and report, a second time for nothing."""
    families(cast.school_a, 1)
    sink.at_rcpt["parent0@example.org"] = "550 5.1.1 User unknown"
    first = sent(asked(cast.school_a, cast.manager_a))
    sink.at_rcpt.clear()
    sent(asked(cast.school_a, cast.manager_a))
    assert resend_failures(campaign=first, actor=cast.manager_a) == 0
    first.refresh_from_db()
    assert first.state == CampaignState.DONE


def test_a_mailing_beside_which_the_same_one_runs_says_so(cast: Cast, client_of: SignIn) -> None:
    """« Il n’y a rien à reprendre » was said though everybody waited."""
    families(cast.school_a, 3)
    first = asked(cast.school_a, cast.manager_a)
    cancel_campaign(campaign=first, actor=cast.manager_a)
    again = asked(cast.school_a, cast.manager_a)
    assert again != first
    with pytest.raises(AlikeRunningError):
        resume_campaign(campaign=first, actor=cast.manager_a)
    answer = client_of(cast.manager_a).post(
        f"{DESK}{first.uuid}/acte/", {"acte": "reprendre"}, follow=True
    )
    assert "Le même envoi est en cours" in answer.content.decode()
    assert "rien à reprendre" not in answer.content.decode()


def test_the_page_names_beforehand_who_is_left_out(
    cast: Cast, sink: FaultySink, client_of: SignIn
) -> None:
    families(cast.school_a, 2)
    sent(asked(cast.school_a, cast.manager_a))
    client = client_of(cast.manager_a)
    typed = {"cible": ["parent"], "objet": "Rappel", "texte": ""}
    client.post(PREPARE, typed)
    page = client.get(CONFIRM).content.decode()
    assert "Personne à qui écrire" in page
    assert "Laissés de côté à cause d’un autre envoi" in page
    assert "Durand Parent0" in page
    assert "à qui ce courriel a été envoyé ces 7 derniers jours" in page
    client.post(PREPARE, {**typed, "aussi": "on"})
    page = client.get(CONFIRM).content.decode()
    assert "Envoyer 2 courriels" in page.replace("\u202f", " ")
    assert "Recevront un second courriel" in page
    client.post(CONFIRM, {})
    assert Campaign.objects.count() == 2
    sent(Campaign.objects.latest("pk"))
    assert len(sink.mails) == 4


def test_two_presses_of_the_same_moment_write_to_everybody_once(
    cast: Cast, sink: FaultySink
) -> None:
    import uuid

    families(cast.school_a, 3)
    for subject in ("Un objet", "Un autre objet"):
        request_campaign(
            school=cast.school_a,
            choice=parents(cast.school_a),
            subject=subject,
            text="",
            words="Parents",
            key=uuid.uuid4(),
            actor=cast.manager_a,
            is_repeated=True,
        )
    for campaign in Campaign.objects.all():
        sent(campaign)
    assert len(sink.mails) == 3
