"""What the worker does for the mailbox."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from ent.celery import every
from ent.jobs.context import JobContext
from ent.jobs.registry import job_kind
from messaging.addresses import services as addresses
from messaging.addresses.services import SEND_CONFIRMATION, TELL_FORMER
from messaging.announcements import mails as announcing
from messaging.mailbox import ending
from messaging.notices.sending import ANNOUNCE

LATE = "messaging.announce_late"
REMIND = "messaging.send_daily_reminders"
PURGE = "messaging.purge"


@job_kind(ANNOUNCE, label="Annonce d’un message", resumable=True)
def announce(ctx: JobContext) -> dict[str, object]:
    """Send the mails that a message calls for."""
    return {"count": announcing.announce(message_uuid=UUID(ctx.params["message"]))}


@job_kind(SEND_CONFIRMATION, label="Confirmation d’une adresse", resumable=True)
def confirm_address(ctx: JobContext) -> None:
    """Mail the link that confirms a new address."""
    addresses.send_confirmation(confirmation_uuid=UUID(ctx.params["confirmation"]))


@job_kind(TELL_FORMER, label="Avis à une ancienne adresse", resumable=True)
def tell_former(ctx: JobContext) -> None:
    """Tell the address that was replaced."""
    addresses.tell_former(person_uuid=UUID(ctx.params["person"]))


@shared_task(name=LATE)
def announce_late() -> None:
    """Try again the mails that no server took."""
    announcing.announce_late()
    addresses.send_late()


@shared_task(name=REMIND)
def send_daily_reminders() -> None:
    """Send the reminders of the day."""
    announcing.send_daily_reminders()


@shared_task(name=PURGE)
def purge() -> None:
    """Delete what is past its date, and empty the bins."""
    while ending.delete_old():
        pass
    addresses.delete_old_confirmations()


every(300, LATE)
every(900, REMIND)
every(900, PURGE)
