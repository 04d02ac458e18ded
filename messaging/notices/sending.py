"""Writing messages into mailboxes, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from directory.models import Person
from ent.files.models import StoredFile
from ent.jobs.services import enqueue
from ent.mail.messages import checked_header
from ent.text.folding import fold
from messaging.kinds import NOTICE, REPORT, MessageKind
from messaging.mailbox.models import LIFETIME, LONGEST_SUBJECT, Attachment, MailboxEntry, Message

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
    return send_message(REPORT, to=to, subject=subject, body=body, attachments=attachments)


def notify_owner(*, person: Person | Iterable[Person], subject: str, body: str) -> Message:
    """Tell the owners of accounts what happened to them (T-C9): mailbox, and mail if any address.

    Whatever frequency they chose, and set-wise for a whole class. *body* goes out by mail: it
    holds no secret.
    """
    return send_message(NOTICE, to=person, subject=subject, body=body)


@transaction.atomic
def send_message(
    kind: MessageKind,
    *,
    to: Person | Iterable[Person],
    subject: str,
    body: str,
    attachments: Sequence[StoredFile] = (),
) -> Message:
    """Leave a message of the ENT of any kind (`messaging.kinds`) in one mailbox or in many.

    The kind says whether a preference holds the mail back and what the mail says.
    """
    recipients = [to] if isinstance(to, Person) else list(to)
    now = timezone.now()
    message = Message(
        kind=kind.code,
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
    MailboxEntry.objects.bulk_create(
        (MailboxEntry(message=message, recipient=person) for person in recipients),
        batch_size=_BATCH,
    )
    enqueue(kind=ANNOUNCE, params={"message": message.uuid})
    return message


def _expiry(now: datetime, attachments: Sequence[StoredFile]) -> datetime:
    """Return when the message goes: with the first of its files, or after a year."""
    return min([now + LIFETIME, *(file.expires_at for file in attachments)])
