"""The end of messages: past their date, or long enough in the bin."""

from __future__ import annotations

from django.utils import timezone

from messaging.mailbox.models import IN_THE_BIN, MailboxEntry, Message

_BATCH = 1_000


def delete_old() -> int:
    """Delete a batch of what is past its date; return how many rows, 0 when nothing is left.

    The bytes of attachments have their own date and their own sweep (`ent.files`).
    """
    now = timezone.now()
    past = Message.objects.filter(expires_at__lte=now).order_by("expires_at")
    expired = list(past.values_list("pk", flat=True)[:_BATCH])
    Message.objects.filter(pk__in=expired).delete()
    binned = MailboxEntry.objects.filter(deleted_at__lte=now - IN_THE_BIN).order_by("deleted_at")
    rows = list(binned.values_list("pk", "message")[:_BATCH])
    MailboxEntry.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    Message.objects.filter(pk__in={message for _, message in rows}, entries__isnull=True).delete()
    return len(expired) + len(rows)
