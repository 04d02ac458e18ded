"""Writing messages into mailboxes, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from directory.models import Person
from ent.files.models import StoredFile
from ent.folding import fold
from ent.jobs.services import enqueue
from ent.mail import checked_header
from messaging.enums import MessageKind
from messaging.models import Attachment, Delivery, Message
from messaging.models.messages import LIFETIME, LONGEST_SUBJECT

ANNOUNCE = "messaging.announce"
#: The purpose under which a room may store a file that travels with a message: every recipient
#: may download it, as long as the message is in their mailbox. A room with a stricter rule stores
#: its file under a purpose of its own, whose `may_download` is then the one that is asked.
ATTACHMENT = "messaging"
_SEARCHED = 4_000
_BATCH = 2_000


def send_report(
    *,
    to: Person | Iterable[Person],
    subject: str,
    body: str,
    attachments: Sequence[StoredFile] = (),
) -> Message:
    """Leave a report of the ENT in one mailbox or in many: a handful of statements for all.

    Called by higher rooms when long work has ended, within their transaction: the report appears
    with what it reports, or not at all. *subject* refuses control characters (`UnsafeTextError`);
    *attachments* are whole files of `ent.files`. The caller journals its own act. A job then sends
    the mail that announces it, to those who want one.
    """
    return _send(MessageKind.REPORT, None, to, subject, body, attachments)


def notify_owner(*, person: Person | Iterable[Person], subject: str, body: str) -> Message:
    """Tell the owners of accounts what happened to them (T-C9): mailbox, and mail if any address.

    Whatever frequency they chose, and set-wise for a whole class. *body* goes out by mail: it
    holds no secret.
    """
    return _send(MessageKind.NOTICE, None, person, subject, body, ())


@transaction.atomic
def _send(
    kind: MessageKind,
    sender: Person | None,
    to: Person | Iterable[Person],
    subject: str,
    body: str,
    attachments: Sequence[StoredFile],
) -> Message:
    recipients = [to] if isinstance(to, Person) else list(to)
    now = timezone.now()
    message = Message(
        kind=kind,
        sender=sender,
        subject=checked_header(subject)[:LONGEST_SUBJECT],
        body=body.replace("\x00", ""),
        sent_at=now,
        expires_at=_expiry(now, attachments),
    )
    message.search_key = fold(f"{message.sender_name} {subject} {body}"[:_SEARCHED])
    message.save(force_insert=True)
    Attachment.objects.bulk_create(
        Attachment(message=message, file_uuid=file.uuid, name=file.name, size=file.size)
        for file in attachments
    )
    Delivery.objects.bulk_create(
        (Delivery(message=message, recipient=person) for person in recipients), batch_size=_BATCH
    )
    enqueue(kind=ANNOUNCE, params={"message": message.uuid})
    return message


def _expiry(now: datetime, attachments: Sequence[StoredFile]) -> datetime:
    """Return when the message goes: with the first of its files, or after a year."""
    return min([now + LIFETIME, *(file.expires_at for file in attachments)])
