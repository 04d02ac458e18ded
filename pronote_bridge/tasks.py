"""What the worker does for Pronote: exports, and counts that are over."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.urls import reverse

from ent.celery import every
from ent.jobs.context import JobContext
from ent.jobs.models import Job
from ent.jobs.registry import job_kind
from pronote_bridge.exports import making
from pronote_bridge.exports.models import Export
from pronote_bridge.exports.perms import may_still_export
from pronote_bridge.exports.services import MAKE_EXPORT
from pronote_bridge.machines import making as machine_making
from pronote_bridge.machines.counting import forget_old_counts
from pronote_bridge.machines.making import MAKE_MACHINE_EXPORT


def _may_watch(job: Job, person_uuid: UUID) -> bool:
    """Whoever administers every school of the instance may follow its exports."""
    export = Export.objects.filter(uuid=job.params["export"]).select_related("instance").first()
    return export is not None and may_still_export(person_uuid, export.instance)


def _export_page(job: Job) -> str:
    return reverse("pronote:export", args=[job.params["export"]])


@job_kind(
    MAKE_EXPORT,
    label="Export pour Pronote",
    resumable=True,
    may_watch=_may_watch,
    next_page=_export_page,
)
def make_export(ctx: JobContext) -> None:
    """Make one reconciliation file."""
    making.make_export(ctx)


@job_kind(
    MAKE_MACHINE_EXPORT,
    label="Export pour Pronote, demandé par une machine",
    resumable=True,
    may_watch=_may_watch,
    next_page=_export_page,
)
def make_machine_export(ctx: JobContext) -> None:
    """Make one reconciliation file for the machine of an instance."""
    machine_making.make_machine_export(ctx)


@shared_task(name="pronote_bridge.forget_old_counts")
def forget_counts() -> None:
    """Forget how often machines called some hours ago."""
    forget_old_counts()


every(3600, "pronote_bridge.forget_old_counts")
