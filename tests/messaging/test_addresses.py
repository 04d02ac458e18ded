"""The notification address: the password asked, the new one confirmed, the old one told (T-C8)."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.desk.blocking import block_account
from accounts.models import Account
from directory.models import Person
from ent.audit.models import AuditEvent
from messaging.addresses.known import contact_address, recovery_address
from messaging.addresses.services import send_late
from messaging.models import AddressConfirmation, NotificationAddress
from tests import factories as make
from tests.accounts.signing import no_terms
from tests.cast import Cast
from tests.kit import canaries
from tests.kit.faulty_mail import CUT, running_sink
from tests.messaging.jobs import run_jobs

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Person | None], Client]
CHANGE = "/messagerie/preferences/adresse/"
CONFIRM = "/messagerie/adresse/"
NEW = "claire.nouvelle@example.org"
OLD = "claire@example.org"


@pytest.fixture
def parent(cast: Cast) -> Person:
    no_terms()
    Person.objects.filter(pk=cast.parent.pk).update(email=OLD)
    cast.parent.refresh_from_db()
    return cast.parent


def ask(client: Client, email: str = NEW, password: str = make.PASSWORD) -> Any:
    return client.post(CHANGE, {"email": email, "current_password": password})


def link_in(sent: Any) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/messagerie/adresse/([^/\s]+)/)", sent.body)
    assert found is not None
    canaries.watch(found[2])
    return found[1]


def mailed_link() -> str:
    run_jobs()
    return link_in(mail.outbox[-1])


def confirm(path: str, client: Client | None = None) -> int:
    client = client or Client()
    assert client.get(path).headers["Location"] == CONFIRM
    return client.post(CONFIRM).status_code


def test_the_new_address_serves_once_it_is_confirmed_and_the_old_one_is_told(
    parent: Person, client_of: ClientOf
) -> None:
    client = client_of(parent)
    assert ask(client).status_code == 302
    assert contact_address(parent) == OLD
    assert "En attente de confirmation" in client.get("/messagerie/preferences/").content.decode()
    path = mailed_link()
    assert [sent.to for sent in mail.outbox] == [[NEW]]
    assert confirm(path) == 200
    assert contact_address(parent) == NEW
    run_jobs()
    by_address = {sent.to[0]: sent for sent in mail.outbox[1:]}
    assert set(by_address) == {OLD, NEW}
    assert "vient de changer" in by_address[OLD].body
    assert NEW not in by_address[OLD].body
    assert "a changé" in client.get("/messagerie/").content.decode()
    page = client.get("/messagerie/preferences/").content.decode()
    assert "24&nbsp;heures après sa confirmation" in page


def test_nothing_happens_without_the_current_password(parent: Person, client_of: ClientOf) -> None:
    client = client_of(parent)
    answer = ask(client, password="un autre mot de passe")
    assert "Ce n’est pas votre mot de passe actuel." in answer.content.decode()
    answer = client.post(CHANGE, {"email": NEW})
    assert answer.status_code == 200
    assert not AddressConfirmation.objects.exists()


def test_an_academic_account_signs_in_again_instead(cast: Cast, client_of: ClientOf) -> None:
    no_terms()
    client = client_of(cast.teacher)
    assert 'name="current_password"' not in client.get(CHANGE).content.decode()
    assert client.post(CHANGE, {"email": NEW}).status_code == 302
    assert AddressConfirmation.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        answer = client.post(CHANGE, {"email": "autre@example.org"})
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/mon-compte/confirmer/")
    assert AddressConfirmation.objects.count() == 1


def test_it_serves_for_recovery_after_a_day_and_the_old_one_until_then(
    parent: Person, client_of: ClientOf
) -> None:
    ask(client_of(parent))
    path = mailed_link()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        assert confirm(path) == 200
        assert recovery_address(parent) == OLD
    with time_machine.travel(now + timedelta(hours=23, minutes=59), tick=False):
        assert recovery_address(parent) == OLD
    with time_machine.travel(now + timedelta(hours=24, seconds=1), tick=False):
        assert recovery_address(parent) == NEW


def test_two_changes_in_a_row_do_not_shorten_the_delay(parent: Person, client_of: ClientOf) -> None:
    """A thief's first address must not become « the one before » at once."""
    client = client_of(parent)
    ask(client, "voleur@example.org")
    assert confirm(mailed_link()) == 200
    ask(client, "voleur2@example.org")
    run_jobs()
    (sent,) = [one for one in mail.outbox if one.to == ["voleur2@example.org"]]
    assert confirm(link_in(sent)) == 200
    assert contact_address(parent) == "voleur2@example.org"
    assert recovery_address(parent) == OLD


def test_a_confirmation_serves_once_and_for_a_day(parent: Person, client_of: ClientOf) -> None:
    ask(client_of(parent))
    path = mailed_link()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert confirm(path) == 410
    assert confirm(path) == 200
    assert confirm(path) == 410


def test_a_newer_request_kills_the_older(parent: Person, client_of: ClientOf) -> None:
    client = client_of(parent)
    ask(client)
    older = mailed_link()
    ask(client, "encore@example.org")
    newer = mailed_link()
    assert confirm(older) == 410
    assert confirm(newer) == 200
    assert contact_address(parent) == "encore@example.org"


@pytest.mark.parametrize("change", ["password", "blocked"])
def test_a_confirmation_dies_with_the_password_and_the_account(
    parent: Person, client_of: ClientOf, change: str
) -> None:
    ask(client_of(parent))
    path = mailed_link()
    if change == "blocked":
        block_account(account=parent.account, actor=None)
    else:
        Account.objects.filter(person=parent).update(epoch=parent.account.epoch + 1)
    assert confirm(path) == 410
    assert contact_address(parent) == OLD


def test_scanners_confirm_nothing(parent: Person, client_of: ClientOf) -> None:
    """T-C4."""
    ask(client_of(parent))
    path = mailed_link()
    for _ in range(5):
        scanner = Client()
        scanner.head(path)
        page = scanner.get(path, follow=True).content.decode()
        assert "Confirmer cette adresse" in page
        assert "Claire" not in page
        assert "Martin" not in page
    assert contact_address(parent) == OLD
    assert confirm(path) == 200


def test_the_token_is_in_no_row_and_the_journal_names_no_address(
    parent: Person, client_of: ClientOf
) -> None:
    ask(client_of(parent))
    path = mailed_link()
    token = path.split("/")[3]
    confirm(path)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            look = f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s'
            cursor.execute(look, [f"%{token}%"])
            assert cursor.fetchone() == (0,), table
    acts = AuditEvent.objects.filter(act__startswith="address:").values_list("act", "details")
    assert sorted(acts) == [("address:asked", {}), ("address:changed", {})]


def test_three_mails_an_hour(parent: Person, client_of: ClientOf) -> None:
    """Nobody floods the mailbox of a stranger."""
    client = client_of(parent)
    for number in range(5):
        ask(client, f"victime{number}@example.org")
        run_jobs()
    assert len(mail.outbox) == 3
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        ask(client_of(parent))
        run_jobs()
    assert len(mail.outbox) == 4


def test_the_address_in_place_is_not_asked_again(parent: Person, client_of: ClientOf) -> None:
    NotificationAddress.objects.create(
        person=parent, email=NEW, confirmed_at=timezone.now() - timedelta(days=2)
    )
    answer = ask(client_of(parent), NEW.upper())
    assert "C’est déjà votre adresse." in answer.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        *("", "pas une adresse", "a@b.fr\nBcc: c@d.fr", "a@b.fr, c@d.fr"),
        *("claire@localhost", "claire@[192.0.2.1]", '"claire a"@example.org', "\u212a@example.org"),
    ],
)
def test_what_is_no_address_is_refused(parent: Person, client_of: ClientOf, typed: str) -> None:
    assert ask(client_of(parent), typed).status_code == 200
    assert not AddressConfirmation.objects.exists()


def test_taking_it_back_gives_the_feeds_address_its_place_again(
    parent: Person, client_of: ClientOf
) -> None:
    NotificationAddress.objects.create(
        person=parent,
        email=NEW,
        previous_email=OLD,
        confirmed_at=timezone.now() - timedelta(days=2),
    )
    client = client_of(parent)
    address = "/messagerie/preferences/adresse/retirer/"
    assert NEW in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert contact_address(parent) == OLD
    assert recovery_address(parent) == NEW, "for a day: a thief cannot fall back on it at once"
    run_jobs()
    assert sorted(sent.to[0] for sent in mail.outbox) == [NEW, OLD]
    assert client.get(address).status_code == 302


def test_nobody_changes_anything_for_somebody_else(parent: Person, client_of: ClientOf) -> None:
    """The pages speak of oneself alone: there is no identifier in them."""
    assert client_of(None).get(CHANGE).status_code == 302
    assert Client().get(CONFIRM).status_code == 410
    assert Client().post(CONFIRM).status_code == 410


def test_a_mail_server_that_is_down_is_tried_again(
    parent: Person, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new address gets its link, the old one its notice, once the server is back."""

    def refuse(*args: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        ask(client_of(parent))
        run_jobs()
    with time_machine.travel(now + timedelta(minutes=6), tick=False):
        assert send_late() == 1
        path = mailed_link()
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        assert confirm(path) == 200
        run_jobs()
    with time_machine.travel(now + timedelta(minutes=12), tick=False):
        assert send_late() == 1
        run_jobs()
        assert send_late() == 0
    assert [sent.to[0] for sent in mail.outbox] == [NEW, OLD]


@pytest.mark.parametrize("fault", [CUT, "552 5.2.2 Mailbox full"])
def test_a_link_that_may_have_arrived_or_is_refused_for_good_is_not_mailed_again(
    fault: str, parent: Person, client_of: ClientOf, settings: Any
) -> None:
    """Each further one killed the one before, twelve times in an hour."""
    now = timezone.now()
    with running_sink() as server:
        settings.EMAIL_BACKEND = "ent.mail.timed.TimedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        server.before_answer[NEW] = fault
        ask(client_of(parent))
        run_jobs()
        for minutes in (6, 12, 18):
            with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
                send_late()
                run_jobs()
        assert server.announced == [NEW]
