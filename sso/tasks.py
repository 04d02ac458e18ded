"""What the worker does for single sign-on."""

from __future__ import annotations

from celery import shared_task

from ent.celery import every
from sso.logout import notices
from sso.logout.endings import SEND_TASK
from sso.tickets import purge
from sso.usage import visits as usage


@shared_task(name=SEND_TASK)
def send_logouts() -> None:
    """Tell services that sign-ons are over."""
    notices.send_due()


@shared_task(name="sso.purge_tickets")
def purge_tickets() -> None:
    """Forget the tickets that can serve no more."""
    purge.purge_tickets()


@shared_task(name="sso.forget_old_usage")
def forget_old_usage() -> None:
    """Forget the figures of more than twelve months."""
    usage.forget_old_usage()


every(10, SEND_TASK)
every(3600, "sso.purge_tickets")
every(86_400, "sso.forget_old_usage")
