"""Tables of the mailbox."""

from messaging.models.messages import Attachment, Delivery, DeliveryQuerySet, Message
from messaging.models.preferences import MailPreference

__all__ = ["Attachment", "Delivery", "DeliveryQuerySet", "MailPreference", "Message"]
