"""Tables of the mailbox."""

from messaging.addresses.models import AddressConfirmation, NotificationAddress
from messaging.mailbox.models import (
    Attachment,
    MailboxEntry,
    MailboxEntryQuerySet,
    Message,
)
from messaging.preferences.models import MailPreference

__all__ = [
    "AddressConfirmation",
    "Attachment",
    "MailPreference",
    "MailboxEntry",
    "MailboxEntryQuerySet",
    "Message",
    "NotificationAddress",
]
