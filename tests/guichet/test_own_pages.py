"""The user's side: identifier, password, key (R-C5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now
from guichet.authority.models import Guichet
from guichet.enums import KeyState
from tests.guichet import kit

pytestmark = pytest.mark.django_db
GOOD = "quatre grenouilles vertes"
NEW = {"new_password": GOOD, "confirmation": GOOD}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def run_jobs() -> None:
    """Do here what the guichet's worker would do."""
    for job in Job.objects.filter(state=JobState.QUEUED).order_by("pk"):
        run_now(job)


@pytest.mark.parametrize("path", ["/identifiant/", "/mot-de-passe/oublie/"])
def test_one_answer_whatever_was_typed(guichet: Guichet, path: str) -> None:
    """T-A3: same page, same number of statements, one mail or none."""
    confirmed = timezone.now()
    kit.make_agent(
        "odile",
        guichet=guichet,
        email="odile@ac.example",
        personal_email="odile@chezmoi.example",
        personal_email_confirmed_at=confirmed,
    )
    typed = {"/identifiant/": ("odile@ac.example", "personne@ac.example")}.get(
        path, ("odile", "personne")
    )
    pages, costs = set(), set()
    Client().get(path)
    for text in typed:
        client = Client()
        with CaptureQueriesContext(connection) as captured:
            page = client.post(path, {"email": text, "uid": text}).content.decode()
        assert "Demande reçue" in page
        pages.add(re.sub(r'nonce="[^"]+|csrfmiddlewaretoken" value="[^"]+', "", page))
        costs.add(len(captured))
    assert len(pages) == 1
    assert len(costs) <= 2  # which row of the address it was is read once more
    run_jobs()
    assert len(mail.outbox) == 1


def test_a_link_to_the_personal_address_sets_a_password_and_never_replaces_the_key(
    guichet: Guichet, clock: time_machine.Traveller
) -> None:
    """T-C10: who must have the key is still asked for it."""
    agent = kit.make_agent(
        "odile",
        guichet=guichet,
        email="odile@ac.example",
        personal_email="odile@chezmoi.example",
        personal_email_confirmed_at=timezone.now(),
        requires_key=True,
    )
    Client().post("/mot-de-passe/oublie/", {"uid": "odile"})
    run_jobs()
    (sent,) = mail.outbox
    assert sent.to == ["odile@chezmoi.example"]
    found = re.search(r"/mot-de-passe/lien/([\w-]+)/", str(sent.body))
    assert found
    client = Client()
    client.head(f"/mot-de-passe/lien/{found[1]}/")
    page = client.get(f"/mot-de-passe/lien/{found[1]}/", follow=True)
    assert found[1] not in page.content.decode()
    assert "Mot de passe enregistré" in client.post("/mot-de-passe/choisir/", NEW).content.decode()
    assert client.post("/mot-de-passe/choisir/", NEW).status_code == 410
    agent.refresh_from_db()
    answer = kit.enter(Client(), "odile", GOOD)
    assert answer.headers["Location"] == "/premiers-pas/cle/"


def test_the_professional_mailbox_serves_only_where_the_authority_says_so(
    guichet: Guichet, clock: time_machine.Traveller
) -> None:
    kit.make_agent("odile", guichet=guichet, email="odile@ac.example")
    Client().post("/mot-de-passe/oublie/", {"uid": "odile"})
    run_jobs()
    assert not mail.outbox
    guichet.professional_mail_recovers = True
    guichet.save()
    for _ in range(5):
        Client().post("/mot-de-passe/oublie/", {"uid": "odile"})
    run_jobs()
    assert 1 <= len(mail.outbox) <= 3


def test_a_link_dies_after_an_hour(guichet: Guichet, clock: time_machine.Traveller) -> None:
    guichet.professional_mail_recovers = True
    guichet.save()
    kit.make_agent("odile", guichet=guichet, email="odile@ac.example")
    Client().post("/mot-de-passe/oublie/", {"uid": "odile"})
    run_jobs()
    found = re.search(r"/mot-de-passe/lien/[\w-]+/", str(mail.outbox[0].body))
    assert found
    client = Client()
    client.get(found[0])
    clock.shift(timedelta(seconds=3599))
    assert client.get("/mot-de-passe/choisir/").status_code == 200
    clock.shift(timedelta(seconds=2))
    assert client.get("/mot-de-passe/choisir/").status_code == 410


def test_who_has_the_key_chooses_another_password_with_it(
    guichet: Guichet, clock: time_machine.Traveller
) -> None:
    agent = kit.make_agent(guichet=guichet)
    fob = kit.make_key(agent, guichet=guichet)
    client = Client()
    wanted = "/entrer/?next=/mot-de-passe/nouveau/"
    typed = {"username": agent.uid, "passcode": kit.PIN + fob.code(), "methode": "cle-otp"}
    assert client.post(wanted, typed).headers["Location"] == "/mot-de-passe/nouveau/"
    assert kit.is_in(client.post("/mot-de-passe/nouveau/", NEW))
    assert kit.is_in(kit.enter(Client(), agent.uid, GOOD))
    by_password = Client()
    kit.enter(by_password, agent.uid, GOOD)
    answer = by_password.get("/mot-de-passe/nouveau/")
    assert answer.headers["Location"].startswith("/preuve/?exiger=cle-otp")


def test_changing_ones_password_asks_for_the_present_one(guichet: Guichet) -> None:
    agent = kit.make_agent(guichet=guichet)
    client, other = Client(), Client()
    kit.enter(client, agent.uid, kit.PASSWORD)
    kit.enter(other, agent.uid, kit.PASSWORD)
    wrong = client.post("/mot-de-passe/changer/", {**NEW, "current_password": "autre chose"})
    assert "pas votre mot de passe actuel" in wrong.content.decode()
    assert kit.is_in(
        client.post("/mot-de-passe/changer/", {**NEW, "current_password": kit.PASSWORD})
    )
    assert other.get("/accueil/").status_code == 302
    assert client.get("/accueil/").status_code == 200


def test_my_key_another_pin_and_lost(guichet: Guichet, clock: time_machine.Traveller) -> None:
    agent = kit.make_agent(guichet=guichet, email="odile@ac.example")
    fob = kit.make_key(agent, guichet=guichet)
    client = Client()
    kit.enter_by_key(client, agent.uid, kit.PIN + fob.code())
    assert fob.row.serial in client.get("/ma-cle/").content.decode()
    clock.shift(60)
    new = {"pin": "206894", "confirmation": "206894"}
    weak = {"pin": kit.PIN, "confirmation": kit.PIN}
    client.post("/ma-cle/code-pin/", {**weak, "passcode": kit.PIN + fob.code()})
    assert (
        client.post(
            "/ma-cle/code-pin/", {**new, "passcode": "000000" + fob.code(after=1)}
        ).status_code
        == 200
    )
    clock.shift(120)
    done = client.post("/ma-cle/code-pin/", {**new, "passcode": kit.PIN + fob.code()})
    assert done.headers["Location"] == "/ma-cle/"
    clock.shift(60)
    assert not kit.is_in(kit.enter_by_key(Client(), agent.uid, kit.PIN + fob.code()))
    clock.shift(60)
    assert kit.is_in(kit.enter_by_key(Client(), agent.uid, "206894" + fob.code()))
    assert "désactivée" in client.post("/ma-cle/perdue/").content.decode()
    assert fob.row.state == KeyState.LOST
    assert client.get("/accueil/").status_code == 302
    assert Job.objects.filter(kind="guichet.tell_owner").count() == 2


def test_the_guide_is_one_printable_sheet(guichet: Guichet) -> None:
    page = Client().get("/guide-cle-otp/").content.decode()
    for words in ("Utiliser ma clé", "Bonnes pratiques", "Que faire en cas de…", "Assistance"):
        assert words in page
    assert "590317284751" in page
