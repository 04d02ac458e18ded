"""Tables of the mailbox."""

from messaging.models.addresses import AddressConfirmation, NotificationAddress
from messaging.models.messages import Attachment, Delivery, DeliveryQuerySet, Message
from messaging.models.preferences import MailPreference

__all__ = [
    "AddressConfirmation",
    "Attachment",
    "Delivery",
    "DeliveryQuerySet",
    "MailPreference",
    "Message",
    "NotificationAddress",
]
