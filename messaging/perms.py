"""Who may download what a message carries."""

from __future__ import annotations

from uuid import UUID

from accounts.models import Account
from ent.files.models import StoredFile
from messaging.mailbox.models import MailboxEntry


def may_download(stored: StoredFile, person_uuid: UUID) -> bool:
    """May this person download it now? Asked by the worker at each download.

    Whoever has the message in their mailbox, even in the bin, as long as their account is open.
    """
    account = Account.objects.select_related("person").filter(person__uuid=person_uuid).first()
    if account is None or not account.is_active:
        return False
    return (
        MailboxEntry.objects.of(account.person_id)
        .filter(message__attachments__file_uuid=stored.uuid)
        .exists()
    )
