"""Who may follow and stop a job."""

from uuid import UUID

from ent.jobs.models import Job
from ent.jobs.registry import UnknownKindError, get_kind


def can_follow_job(job: Job, person_uuid: UUID) -> bool:
    """Whoever asked for it, and whoever its kind lets watch (another manager of the school)."""
    if job.actor is not None and job.actor == person_uuid:
        return True
    try:
        may_watch = get_kind(job.kind).may_watch
    except UnknownKindError:
        return False
    return may_watch is not None and may_watch(job, person_uuid)
