"""Files that travel with messages: only their recipients open them, through the hand-off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.desk.blocking import block_account
from directory.models import Person
from ent.files.models import StoredFile
from ent.files.writing import create_file
from messaging.models import Attachment, MailboxEntry
from messaging.notices.sending import ATTACHMENT, send_report
from tests.cast import Cast
from tests.messaging.jobs import run_jobs

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Person | None], Client]


@pytest.fixture
def carried(cast: Cast) -> Attachment:
    """A report with a file, in the mailbox of the manager of A."""
    with create_file(name="bilan.csv", media_type="text/csv", purpose=ATTACHMENT) as out:
        out.write("Manon;envoyé\n".encode())
    message = send_report(to=cast.manager_a, subject="Bilan", body="Voici.", attachments=[out.file])
    run_jobs()
    return message.attachments.get()


def address_of(attachment: Attachment) -> str:
    entry = MailboxEntry.objects.get(message=attachment.message)
    return f"/messagerie/{entry.uuid}/pieces/{attachment.uuid}/"


def fetch(client: Client, attachment: Attachment) -> bytes | None:
    """Ask for the file, let the worker work, download; None when it was not handed over."""
    answer = client.post(address_of(attachment))
    assert answer.status_code == 302, answer.status_code
    run_jobs()
    page = client.get(answer.headers["Location"], headers={"accept": "text/html"})
    text = page.content.decode()
    if "/fichiers/" not in text:
        return None
    href = "/fichiers/" + text.split('href="/fichiers/')[1].split('"')[0]
    return b"".join(client.get(href).streaming_content)  # type: ignore[attr-defined]


def test_a_recipient_downloads_the_file(
    cast: Cast, client_of: ClientOf, carried: Attachment
) -> None:
    client = client_of(cast.manager_a)
    page = client.get(f"/messagerie/{MailboxEntry.objects.get().uuid}/").content.decode()
    assert "bilan.csv" in page
    assert "et ses fichiers seront effacés" in page
    assert fetch(client, carried) == "Manon;envoyé\n".encode()


def test_nobody_else_can_ask_for_it(cast: Cast, client_of: ClientOf, carried: Attachment) -> None:
    for person in (cast.manager_b, cast.ent_administrator):
        assert client_of(person).post(address_of(carried)).status_code == 404


def test_the_worker_asks_again(cast: Cast, client_of: ClientOf, carried: Attachment) -> None:
    """The right is gone between the click and the worker: no file."""
    client = client_of(cast.manager_a)
    answer = client.post(address_of(carried))
    MailboxEntry.objects.all().delete()
    run_jobs()
    page = client.get(answer.headers["Location"], headers={"accept": "text/html"})
    assert "Vous n’avez pas accès à ce fichier" in page.content.decode()


def test_a_blocked_account_gets_nothing(cast: Cast, carried: Attachment) -> None:
    from messaging.perms import may_download

    stored = StoredFile.objects.get(uuid=carried.file_uuid)
    assert may_download(stored, cast.manager_a.uuid)
    block_account(account=cast.manager_a.account, actor=None)
    assert not may_download(stored, cast.manager_a.uuid)


def test_a_report_ends_with_its_file(cast: Cast, carried: Attachment) -> None:
    stored = StoredFile.objects.get(uuid=carried.file_uuid)
    assert carried.message.expires_at == stored.expires_at
    with time_machine.travel(stored.expires_at + timedelta(seconds=1), tick=False):
        assert not MailboxEntry.objects.of(cast.manager_a.pk).exists()


def test_a_file_deleted_before_its_day_is_said_to_be(
    cast: Cast, client_of: ClientOf, carried: Attachment
) -> None:
    StoredFile.objects.all().delete()
    client = client_of(cast.manager_a)
    page = client.get(f"/messagerie/{MailboxEntry.objects.get().uuid}/").content.decode()
    assert "Effacé" in page
    answer = client.post(address_of(carried), follow=True)
    assert "Ce fichier est effacé" in answer.content.decode()


def test_a_file_of_another_message_cannot_be_asked_through_ones_own(
    cast: Cast, client_of: ClientOf, carried: Attachment
) -> None:
    send_report(to=cast.manager_b, subject="Autre", body="x")
    own = MailboxEntry.objects.get(recipient=cast.manager_b)
    answer = client_of(cast.manager_b).post(f"/messagerie/{own.uuid}/pieces/{carried.uuid}/")
    assert answer.status_code == 404
    assert timezone.now() < carried.message.expires_at
