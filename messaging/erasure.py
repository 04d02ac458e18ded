"""What erased persons leave in this room: messages that nobody else received."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from messaging.mailbox.models import MailboxEntry, Message


def erase(person_ids: Sequence[int]) -> None:
    """Empty their mailboxes, and delete the messages that are in no mailbox any more."""
    theirs = MailboxEntry.objects.filter(recipient__in=person_ids)
    messages = list(theirs.order_by("message").values_list("message", flat=True).distinct())
    theirs.delete()
    left = MailboxEntry.objects.filter(message=OuterRef("pk"))
    Message.objects.filter(~Exists(left), pk__in=messages).delete()
