"""Finding the jobs that nobody runs: the message was lost, or the process died.

Called every twenty seconds by the beat, and by `manage.py sweep_jobs`. A message too many does no
harm (a job is claimed once), so several sweepers may work at the same time.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.functions import Now

from ent.jobs.attempt import open_side_connection, try_lock, unlock
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.registry import of_this_realm
from ent.jobs.waking import wake_worker

logger = logging.getLogger(__name__)

#: A waiting job is announced again after this long: it may also simply wait for its turn.
PATIENCE = timedelta(seconds=30)
_MOST_AT_ONCE = 500

_TAKE_UP = """
    UPDATE jobs_job
       SET state = CASE WHEN cancel_requested THEN 'cancelled'
                        WHEN attempts < max_attempts THEN 'queued'
                        ELSE 'failed' END,
           finished_at = CASE WHEN cancel_requested OR attempts >= max_attempts
                              THEN clock_timestamp() END,
           error = CASE WHEN NOT cancel_requested AND attempts >= max_attempts
                        THEN %s ELSE '' END,
           woken_at = clock_timestamp()
     WHERE id = %s AND state = 'running'
 RETURNING state
"""
INTERRUPTED = (
    "Le travail a été interrompu par un arrêt du serveur et n’a pas pu être repris. "
    "Vérifiez ce qui est déjà fait, puis relancez-le."
)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did: announced again, taken up after a death, given up."""

    woken: int = 0
    taken_up: int = 0
    given_up: int = 0


def sweep() -> SweepReport:
    """Announce the waiting jobs that nobody took, take up those whose process died."""
    link = open_side_connection()
    try:
        ends = [
            _take_up_if_dead(link, job_id)
            for job_id in of_this_realm(Job.objects.filter(state=JobState.RUNNING)).values_list(
                "id", flat=True
            )
        ]
    finally:
        link.close()
    return SweepReport(
        woken=_wake_forgotten(),
        taken_up=ends.count(JobState.QUEUED),
        given_up=ends.count(JobState.FAILED),
    )


def _wake_forgotten() -> int:
    forgotten = (
        of_this_realm(Job.objects.filter(state=JobState.QUEUED))
        .filter(Q(woken_at__isnull=True) | Q(woken_at__lt=Now() - PATIENCE))
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=Now()))
        .order_by("id")
        .values_list("id", flat=True)[:_MOST_AT_ONCE]
    )
    count = 0
    for job_id in list(forgotten):
        if not wake_worker(job_id):
            break  # the broker is away: the next sweep will do
        Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(woken_at=Now())
        count += 1
    return count


def _take_up_if_dead(link: BaseDatabaseWrapper, job_id: int) -> str:
    """Put a job back in the queue, or end it, when its lock is free; "" when it lives."""
    if not try_lock(link, job_id):
        return ""
    try:
        with link.cursor() as cursor:
            cursor.execute(_TAKE_UP, [INTERRUPTED, job_id])
            row = cursor.fetchone()
    finally:
        unlock(link, job_id)
    if row is None:
        return ""
    logger.warning("job %d: its process died, now %s", job_id, row[0])
    if row[0] == JobState.QUEUED:
        wake_worker(job_id)
    return str(row[0])
