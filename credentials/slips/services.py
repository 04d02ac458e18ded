"""Asking for slips and letters, asking again, deleting."""

from __future__ import annotations

import uuid

from django.db import transaction

from credentials.choice.population import PopulationChoice
from credentials.enums import FileState, SlipLayout
from credentials.journal import SlipAct
from credentials.slips.models import SlipPrinting
from directory.models import Person, School
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.jobs.models import Job
from ent.jobs.services import enqueue, request_cancel, retry

MAKE_SLIPS = "credentials.make_slips"


@transaction.atomic
def request_slips(
    *,
    school: School,
    choice: PopulationChoice,
    layout: SlipLayout,
    words: str,
    actor: Person,
    at: Origin | None = None,
) -> SlipPrinting:
    """Ask for the sheets of a choice; the caller has checked that *actor* reaches it.

    The worker asks for the right again and prints only accounts that *actor* reaches then.
    """
    printing_uuid = uuid.uuid4()
    job = enqueue(
        kind=MAKE_SLIPS,
        params={"printing": printing_uuid},
        actor=actor.uuid,
        label=f"{layout.label}, {school.uai}",
        school_uai=school.uai,
    )
    printing = SlipPrinting.objects.create(
        uuid=printing_uuid,
        school=school,
        requested_by=actor.uuid,
        layout=layout,
        choice=choice.as_json(),
        words=words[:200],
        job_uuid=job.uuid,
    )
    record(
        act=SlipAct.REQUESTED,
        actor=actor.uuid,
        school_uai=school.uai,
        origin=at,
        details={"reference": printing.uuid, "layout": layout.value},
    )
    return printing


@transaction.atomic
def try_slips_again(*, printing: SlipPrinting, actor: Person) -> Job:
    """Ask again for a printing whose job failed, for the same person."""
    printing = SlipPrinting.objects.select_for_update().get(pk=printing.pk)
    job = Job.objects.get(uuid=printing.job_uuid)
    if not printing.has_failed(job):
        return job
    fresh = retry(job=job, actor=actor.uuid)
    printing.job_uuid = fresh.uuid
    printing.save(update_fields=["job_uuid"])
    return fresh


@transaction.atomic
def delete_slips(*, printing: SlipPrinting, actor: Person, at: Origin | None = None) -> None:
    """Delete the file of a printing; the codes that it printed go on working."""
    for job in Job.objects.live().filter(uuid=printing.job_uuid):
        request_cancel(job=job)
    printing = (
        SlipPrinting.objects.select_for_update(of=("self",))
        .select_related("school")
        .get(pk=printing.pk)
    )
    if printing.stored_uuid is not None:
        StoredFile.objects.filter(uuid=printing.stored_uuid).delete()
    printing.stored_uuid = None
    printing.state = FileState.DELETED
    printing.save(update_fields=["stored_uuid", "state"])
    record(
        act=SlipAct.DELETED,
        actor=actor.uuid,
        school_uai=printing.school.uai,
        origin=at,
        details={"reference": printing.uuid},
    )
