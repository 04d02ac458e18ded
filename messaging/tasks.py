"""What the worker does for the mailbox."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from ent.celery import every
from ent.jobs.context import JobContext
from ent.jobs.registry import job_kind
from messaging.services import announcing, ending
from messaging.services.sending import ANNOUNCE

LATE = "messaging.announce_late"
REMIND = "messaging.send_daily_reminders"
PURGE = "messaging.purge"


@job_kind(ANNOUNCE, label="Annonce d’un message", resumable=True)
def announce(ctx: JobContext) -> dict[str, object]:
    """Send the mails that a message calls for."""
    return {"count": announcing.announce(message_uuid=UUID(ctx.params["message"]))}


@shared_task(name=LATE)
def announce_late() -> None:
    """Try again the mails that no server took."""
    announcing.announce_late()


@shared_task(name=REMIND)
def send_daily_reminders() -> None:
    """Send the reminders of the day."""
    announcing.send_daily_reminders()


@shared_task(name=PURGE)
def purge() -> None:
    """Delete what is past its date, and empty the bins."""
    while ending.delete_old():
        pass


every(300, LATE)
every(900, REMIND)
every(900, PURGE)
