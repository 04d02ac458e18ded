"""A personal address: proved by a mailed link, then the way back from a forgotten password."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from ent.jobs.models import Job
from ent.jobs.running import run_now
from guichet.authority.models import Guichet
from tests.guichet import kit

pytestmark = pytest.mark.django_db
PAGE = "/mon-adresse/"


def inside(uid: str) -> Client:
    client = Client()
    assert kit.is_in(kit.enter(client, uid, kit.PASSWORD))
    return client


def mailed(to: str, kind: str = "guichet.mail_address_check") -> str:
    """Run the job that mails; return the path of the link that reached this address."""
    mail.outbox.clear()
    run_now(Job.objects.filter(kind=kind).latest("pk"))
    (sent,) = mail.outbox
    assert sent.to == [to]
    found = re.search(r"https?://[^/\s]+(/\S+)", str(sent.body))
    assert found
    return found[1]


def test_an_address_serves_once_its_link_was_opened(guichet: Guichet) -> None:
    agent = kit.make_agent("odurand", guichet=guichet, email="odile@ac.example")
    client = inside(agent.uid)
    assert client.post(PAGE, {"address": "odile@maison.example"}).status_code == 303
    assert not any("maison" in str(job.params) for job in Job.objects.all())
    link = mailed("odile@maison.example")
    assert "maison" not in link
    Client().post("/mot-de-passe/oublie/", {"uid": agent.uid})
    mail.outbox.clear()
    run_now(Job.objects.get(kind="guichet.mail_link"))
    assert mail.outbox == [], "not confirmed yet"
    assert "odile@maison.example" in client.get(link).content.decode()
    agent.refresh_from_db()
    assert agent.personal_email_confirmed_at is None, "reading the mail changes nothing"
    assert client.post(link).status_code == 303
    agent.refresh_from_db()
    assert (agent.personal_email, agent.asked_personal_email) == ("odile@maison.example", "")
    assert client.post(link).status_code == 410, "once"
    Client().post("/mot-de-passe/oublie/", {"uid": agent.uid})
    assert "/mot-de-passe/lien/" in mailed("odile@maison.example", "guichet.mail_link")
    client.post(PAGE, {"retirer": "1"})
    agent.refresh_from_db()
    assert (agent.personal_email, agent.personal_email_confirmed_at) == ("", None)


def test_a_link_confirms_for_its_asker_the_last_address_for_a_day(guichet: Guichet) -> None:
    agent = kit.make_agent("odurand", guichet=guichet)
    kit.make_agent("autre", guichet=guichet)
    client, stranger = inside("odurand"), inside("autre")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post(PAGE, {"address": "premiere@maison.example"})
        first = mailed("premiere@maison.example")
        client.post(PAGE, {"address": "seconde@maison.example"})
        second = mailed("seconde@maison.example")
        assert client.post(first).status_code == 410
        assert stranger.post(second).status_code == 410
        assert Client().get(second).headers["Location"].startswith("/entrer/")
        assert client.post(second[:-4] + "AAA/").status_code == 410
        clock.shift(25 * 3600)
        assert inside("odurand").post(second).status_code == 410
    agent.refresh_from_db()
    assert agent.personal_email_confirmed_at is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("Odile@AC.example", "s’ouvre avec le mot de passe"),
        ("pas une adresse", "ne s’écrit pas ainsi"),
        ("", "Indiquez une adresse"),
    ],
)
def test_what_is_no_personal_address_is_refused_by_name(
    guichet: Guichet, address: str, reason: str
) -> None:
    kit.make_agent("odurand", guichet=guichet, email="odile@ac.example")
    answer = inside("odurand").post(PAGE, {"address": address})
    assert reason in answer.content.decode()
    assert not Job.objects.filter(kind="guichet.mail_address_check").exists()
