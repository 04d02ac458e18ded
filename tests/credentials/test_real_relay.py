"""Mails as a real mail server of Debian has them: Postfix takes, logs and delivers every one."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from credentials.enums import CampaignState, RecipientState
from credentials.mailing.carrier import open_carrier
from credentials.mailing.claiming import Claim
from credentials.mailing.doubts import settle_doubts
from credentials.mailing.identity import bounce_address, recipient_of_bounce
from credentials.mailing.outcomes import Ending
from credentials.mailing.preparing import prepare
from credentials.models import Campaign, MailServer
from tests.accounts.signing import GOOD_PASSWORD, no_terms
from tests.cast import Cast
from tests.credentials.mailing import asked, families, family, sent, states
from tests.kit import canaries
from tests.kit.postfix import Relay
from tests.messaging.jobs import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: What a transport may spoil: accents, a lone dot, « From », a long line, signs of a header.
TEXT = (
    "Réunion à l’élémentaire : 18 h €.\n.\n.point\nFrom nous\nSubject: non\n=3D & <b>gras</b>\n"
    + "très longue ligne " * 26
)


@pytest.fixture
def through_postfix(relay: Relay, settings: Any) -> Relay:
    """The portal of this test sends through the relay, as one on the same machine."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", relay.port
    settings.EMAIL_TIMEOUT = 10
    settings.MAIL_PER_SECOND = 0
    settings.MAIL_RELAY_IS_LOCAL, settings.MAIL_RELAY_LOG = True, str(relay.log)
    settings.MAIL_BOUNCE_DOMAIN = "rebonds.example.org"
    return relay


def halves(message: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of a mail, whose form is checked."""
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert [plain.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    for part in (message, plain, html):
        assert not part.defects
    for part in (plain, html):
        assert part.get_content_charset() == "utf-8"
    assert all(len(line) <= 998 for line in message.as_bytes().splitlines())
    return str(plain.get_content()), str(html.get_content())


def link_of(message: EmailMessage) -> str:
    """The path of the link, the same in both halves; no log may hold its token."""
    plain, html = halves(message)
    found = re.search(r"http://127\.0\.0\.1:8000(/(?:[a-z-]+/)+([\w-]{43})/)", plain)
    assert found is not None, plain
    canaries.watch(found[2])
    assert f'href="http://127.0.0.1:8000{found[1]}"' in html
    return found[1]


def test_a_mailing_arrives_whole(cast: Cast, through_postfix: Relay) -> None:
    """R-E5: subject, addressees, both halves, link and way back, after a real server's hands."""
    no_terms()
    account = family(cast.school_a, 0, given_name="Zoé", family_name="N’Guyên-Œuvré")
    families(cast.school_a, 25)
    subject = "École élémentaire Saint-Exupéry – vos identifiants de connexion"
    campaign = sent(asked(cast.school_a, cast.manager_a, subject=subject, text=TEXT))
    assert campaign.state == CampaignState.DONE
    assert campaign.recipients.count_by_state() == {RecipientState.ACCEPTED: 26}
    messages = through_postfix.wait_for(26)
    assert len(messages) == 26
    assert len({link_of(message) for message in messages}) == 26
    assert len({message["Message-ID"] for message in messages}) == 26
    (message,) = [one for one in messages if "Zoé" in halves(one)[0]]
    assert message["Subject"] == subject
    assert message["To"] == message["Delivered-To"] == "parent0@example.org"
    row = campaign.recipients.get(account=account)
    assert message["Return-Path"] == f"<{bounce_address(row.pk)}>"
    assert recipient_of_bounce(message["Return-Path"]) == row.pk
    plain, html = halves(message)
    assert plain.startswith("Bonjour Zoé N’Guyên-Œuvré,")
    assert TEXT.strip() in plain
    assert f"Identifiant ENT\u00a0: {account.login}" in plain
    assert "&lt;b&gt;gras" in html
    page = Client().get(link_of(message), follow=True).content.decode()
    assert account.login in page
    assert "new_password" in page


def test_a_forgotten_password_and_an_own_address_arrive_whole(
    cast: Cast, through_postfix: Relay, client_of: Any
) -> None:
    """R-E7, R-F1: each link of a real mail does what it says."""
    no_terms()
    parent = cast.parent
    parent.email = "claire@example.org"
    parent.save(update_fields=["email"])
    form = {"lu": "on", "identifiant": parent.account.login}
    assert Client().post("/connexion/mot-de-passe-oublie/", form).status_code == 303
    run_jobs()
    message = through_postfix.message_to("claire@example.org")
    assert message["Subject"] == "Réinitialisation de votre mot de passe"
    assert message["From"] == "Préau <ne-pas-repondre@preau.invalid>"
    assert parent.account.login in halves(message)[0]
    client = Client()
    client.get(link_of(message))
    chosen = {"new_password": GOOD_PASSWORD, "confirmation": GOOD_PASSWORD}
    answer = client.post("/connexion/nouveau-mot-de-passe/", chosen)
    assert answer.headers["Location"] == "/accueil/"

    new = "claire.nouvelle@example.net"
    asked_for = {"email": new, "current_password": GOOD_PASSWORD}
    assert client.post("/messagerie/preferences/adresse/", asked_for).status_code == 302
    run_jobs()
    message = through_postfix.message_to(new)
    assert message["Subject"].startswith("Confirmez")
    path = link_of(message)
    assert client.get(path).headers["Location"] == "/messagerie/adresse/"
    assert "est confirmée" in client.post("/messagerie/adresse/").content.decode()
    run_jobs()
    told = [m for m in through_postfix.wait_for(5) if m["Delivered-To"] == "claire@example.org"]
    assert "Votre adresse de notification a changé" in {message["Subject"] for message in told}


def test_many_refusals_in_a_row_are_no_failure_of_the_server(
    cast: Cast, through_postfix: Relay
) -> None:
    """T-G3: Postfix hangs up after twenty refusals; the others go on over a new connection."""
    for number in range(45):
        family(cast.school_a, number, email=f"inconnu{number}@example.org")
    family(cast.school_a, 50)
    campaign = sent(asked(cast.school_a, cast.manager_a))
    assert campaign.recipients.count_by_state() == {
        RecipientState.REFUSED: 45,
        RecipientState.ACCEPTED: 1,
    }
    assert campaign.state == CampaignState.DONE
    assert not MailServer.objects.filter(failures__gt=0).exists()
    row = campaign.recipients.filter(state=RecipientState.REFUSED).first()
    assert row is not None
    assert (row.code, "User unknown" in row.answer) == (550, True)


def test_its_log_tells_what_became_of_the_mails_of_a_worker_that_died(
    cast: Cast, through_postfix: Relay, settings: Any
) -> None:
    """T-G1: taken, cut off before its end, never given; nobody twice, nobody missing."""
    settings.MAIL_RECONCILE_AFTER_SECONDS = 1
    families(cast.school_a, 3)
    campaign = asked(cast.school_a, cast.manager_a)
    _die_in_three_ways(through_postfix)
    assert set(states(campaign).values()) == {RecipientState.SENDING}
    through_postfix.until(lambda: "lost connection" in through_postfix.log.read_text(), "no cut")
    through_postfix.until(lambda: settle_doubts(now=timezone.now()) == 3, "nothing was settled")
    assert states(campaign) == {
        "parent0@example.org": RecipientState.ACCEPTED,
        "parent1@example.org": RecipientState.QUEUED,
        "parent2@example.org": RecipientState.QUEUED,
    }
    campaign = sent(campaign)
    assert campaign.state == CampaignState.DONE
    through_postfix.wait_for(3)
    assert sorted(through_postfix.addresses()) == [f"parent{n}@example.org" for n in range(3)]


def _die_in_three_ways(relay: Relay) -> None:
    """Begin three mails as a worker does: one is taken, one is cut off, one never spoke."""
    claim = Claim.take_place()
    assert claim is not None
    now = timezone.now()
    taken, cut, silent = prepare(claim.take(size=10, now=now), now=now)
    for prepared in (taken, cut, silent):
        assert claim.begin(prepared.recipient, now=now, after=None)
    carrier = open_carrier()
    assert carrier.carry(taken.letter).ending is Ending.ACCEPTED
    carrier.close()
    content = cut.letter.message().message().as_bytes()
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=10) as smtp:
        smtp.ehlo()
        smtp.mail(cut.letter.sender)
        smtp.rcpt(cut.letter.address)
        smtp.docmd("DATA")
        smtp.send(content.replace(b"\n", b"\r\n"))
        smtp.close()
    Campaign.objects.get().recipients.update(claim=None)  # what the next round does for the dead
    claim.close()
