"""What the worker does for single sign-on."""

from __future__ import annotations

from celery import shared_task

from ent.celery import every
from sso import logout, purge


@shared_task(name=logout.SEND_TASK)
def send_logouts() -> None:
    """Tell services that sign-ons are over."""
    logout.send_due()


@shared_task(name="sso.purge_tickets")
def purge_tickets() -> None:
    """Forget the tickets that can serve no more."""
    purge.purge_tickets()


every(10, logout.SEND_TASK)
every(3600, "sso.purge_tickets")
