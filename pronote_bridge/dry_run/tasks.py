"""What the worker does for dry reconciliations."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.urls import reverse

from ent.celery import every
from ent.jobs.context import JobContext
from ent.jobs.models import Job
from ent.jobs.registry import job_kind
from pronote_bridge.dry_run import comparing, services
from pronote_bridge.dry_run.models import DryRun
from pronote_bridge.dry_run.perms import may_still_compare

ERASE_OLD_LINES = "pronote_bridge.erase_dry_run_lines"


def _may_watch(job: Job, person_uuid: UUID) -> bool:
    """Whoever may compare the lists of the instance may follow a comparison."""
    dry_run = DryRun.objects.select_related("instance").filter(uuid=job.params["run"]).first()
    return dry_run is not None and may_still_compare(person_uuid, dry_run.instance)


def _result_page(job: Job) -> str:
    return reverse("pronote:dry-run", args=[job.params["run"]])


@job_kind(
    services.COMPARE,
    label="Rapprochement à blanc",
    resumable=True,
    may_watch=_may_watch,
    next_page=_result_page,
)
def compare_lists(ctx: JobContext) -> None:
    """Compare Pronote's lists with the file of an instance."""
    comparing.compare_lists(ctx)


@shared_task(name=ERASE_OLD_LINES)
def erase_old_lines() -> None:
    """Erase what was deposited more than a day ago."""
    while services.erase_old_lines():
        pass


every(900, ERASE_OLD_LINES)
