"""What somebody does with their own mailbox.

Nobody else ever reads or moves these rows, so that nothing of it is journaled: what somebody reads
is their own affair.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from messaging.enums import MailboxAct
from messaging.mailbox.models import MailboxEntry

MOST_AT_ONCE = 200
_SHOWN_AT_MOST = 99


def count_unread(*, person_id: int) -> int:
    """Return how many unread messages wait, 100 meaning "99 and more": one indexed statement.

    Counted no further, so that the header costs the same whatever the mailbox holds.
    """
    unread = MailboxEntry.objects.unread_of(person_id).order_by().values("pk")
    return unread[: _SHOWN_AT_MOST + 1].count()


def mark_read(*, entry: MailboxEntry) -> None:
    """Note that the message was opened; the first time counts, a prefetch by HEAD never does."""
    if entry.read_at is None:
        entry.read_at = timezone.now()
        MailboxEntry.objects.filter(pk=entry.pk, read_at__isnull=True).update(read_at=entry.read_at)


def apply_act(*, person_id: int, act: MailboxAct, entries: Iterable[UUID]) -> int:
    """Do *act* to these messages of one's own mailbox; return to how many: one statement.

    Those of somebody else are not there. « Supprimer » puts into the bin, from which « Remettre
    dans les reçus » takes back until the bin is emptied.
    """
    now = timezone.now()
    own = MailboxEntry.objects.filter(recipient=person_id, uuid__in=list(entries)[:MOST_AT_ONCE])
    match act:
        case MailboxAct.READ:
            return own.update(read_at=Coalesce(F("read_at"), now))
        case MailboxAct.UNREAD:
            return own.update(read_at=None)
        case MailboxAct.ARCHIVE:
            return own.filter(deleted_at__isnull=True).update(
                archived_at=Coalesce(F("archived_at"), now)
            )
        case MailboxAct.DELETE:
            return own.update(deleted_at=Coalesce(F("deleted_at"), now))
        case MailboxAct.RESTORE:
            return own.update(archived_at=None, deleted_at=None)
