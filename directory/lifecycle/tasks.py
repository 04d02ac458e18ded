"""The hourly look at who left: schools are told a week before, the due are erased in the night."""

from __future__ import annotations

from celery import shared_task

from directory.lifecycle.erasing import ERASE_LEAVERS, ask_for_erasures, erase_leavers
from directory.lifecycle.telling import tell_schools
from ent.celery import every
from ent.jobs.context import JobContext
from ent.jobs.registry import job_kind

LOOK = "directory.look_for_leavers"


@job_kind(ERASE_LEAVERS, label="Effacement des comptes en départ", resumable=True)
def erase_persons_who_left(ctx: JobContext) -> dict[str, object]:
    """Erase whoever is due; it may run again from its beginning."""
    return {"count": erase_leavers(ctx)}


@shared_task(name=LOOK)
def look_for_leavers() -> None:
    """Tell the schools of the coming week, and ask for the erasures that are due."""
    tell_schools()
    ask_for_erasures()


every(3600, LOOK)
