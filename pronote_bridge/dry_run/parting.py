"""What goes when schools leave an instance: its lists and lines, and the pairs of whoever left."""

from __future__ import annotations

from directory.models import Affiliation
from ent.audit.services import record
from ent.jobs.models import Job
from ent.jobs.services import request_cancel
from pronote_bridge.dry_run.journal import DryRunAct
from pronote_bridge.dry_run.models import DryRun, HandPairing
from pronote_bridge.dry_run.services import delete_files
from pronote_bridge.instances.models import Instance
from sso.catalogue.locking import ActorAndOrigin


def forget_parted(instance: Instance, by: ActorAndOrigin) -> None:
    """Delete the instance's dry runs, and the pairs whose person is of no school that stays.

    The lists were one file for all schools: nothing in them tells whose a line is.
    """
    runs = DryRun.objects.filter(instance=instance)
    for job in Job.objects.live().filter(uuid__in=list(runs.values_list("job_uuid", flat=True))):
        request_cancel(job=job)
    deleted = list(runs.order_by("pk").select_for_update(of=("self",)))
    for dry_run in deleted:
        delete_files(dry_run)
        dry_run.delete()
    staying = Affiliation.objects.filter(school__in=instance.schools)
    HandPairing.objects.filter(instance=instance).exclude(
        person__in=staying.values("person")
    ).delete()
    if deleted:
        record(
            act=DryRunAct.DELETED,
            actor=by.actor.uuid,
            school_uai=instance.key_school.uai,
            origin=by.origin,
            details={"instance": instance.uuid, "count": len(deleted)},
        )
