"""The background job of an import: preview or application of a deposited delivery."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.urls import reverse

from directory.enums import FINAL_DELIVERY_STATES, DeliveryState
from directory.imports.deposits.perms import can_import_for, may_still_import
from directory.imports.deposits.services import IMPORT_AAF, deposited_files, discard_files
from directory.imports.runs.locks import ImportBusy
from directory.imports.runs.sequence import run_import
from directory.imports.runs.sweeping import sweep_left_overs
from directory.models.deliveries import Delivery
from directory.models.persons import Person
from directory.rights.actors import actor_for
from ent.celery import every
from ent.jobs.context import JobContext
from ent.jobs.errors import JobCancelled, JobFailed
from ent.jobs.models import Job
from ent.jobs.registry import job_kind

SWEEP = "directory.sweep_imports"
__all__ = ["IMPORT_AAF", "import_aaf"]


def _may_watch(job: Job, person_uuid: UUID) -> bool:
    """Whoever may import for the authority follows the imports of the others."""
    person = Person.objects.filter(uuid=person_uuid).first()
    delivery = Delivery.objects.filter(uuid=job.params.get("delivery")).first()
    if person is None or delivery is None:
        return False
    return can_import_for(actor_for(person), delivery.authority)


def _delivery_page(job: Job) -> str:
    return reverse("directory:import", args=[job.params["delivery"]])


@job_kind(
    IMPORT_AAF,
    label="Import AAF",
    resumable=True,
    may_watch=_may_watch,
    next_page=_delivery_page,
)
def import_aaf(ctx: JobContext) -> dict[str, object]:
    """Preview or apply; killed at any moment it may run again: old state or new one.

    The right is asked again: it may have been withdrawn since the button was pressed, or its holder
    blocked or gone.
    """
    delivery = Delivery.objects.select_related("authority").get(uuid=ctx.params["delivery"])
    if delivery.state in FINAL_DELIVERY_STATES:
        return {"state": delivery.state}
    person = Person.objects.filter(uuid=ctx.actor).first() if ctx.actor else None
    if person is None or not may_still_import(person, delivery.authority):
        raise JobFailed("Vous n’avez plus le droit d’importer pour cette autorité.")

    def show(step: str, done: int, total: int) -> None:
        # Once applied only upkeep is left: a late « Annuler » must not call it abandoned.
        if delivery.state not in FINAL_DELIVERY_STATES:
            ctx.check_cancelled()
        ctx.progress(step, done=done, total=total)

    try:
        with deposited_files(delivery) as paths:
            run_import(
                paths=paths,
                authority=delivery.authority,
                actor=ctx.actor,
                delivery=delivery,
                preview=not ctx.params["apply"],
                confirmed_token=str(ctx.params["token"]),
                polite=True,
                progress=show,
            )
    except JobCancelled:
        delivery.state = DeliveryState.ABANDONED
        delivery.save(update_fields=["state"])
        discard_files(delivery)
        raise
    except ImportBusy:
        raise JobFailed(
            "Un autre import de cette autorité est en cours : relancez quand il sera fini."
        ) from None
    delivery.refresh_from_db()
    if delivery.state in FINAL_DELIVERY_STATES:
        discard_files(delivery)
    return {"state": delivery.state}


@shared_task(name=SWEEP)
def sweep() -> None:
    """Drop what killed imports left: staging in clear must not wait for the next import."""
    sweep_left_overs()


every(900, SWEEP)
