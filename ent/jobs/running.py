"""Running one attempt at one job, in a worker or in the process of a command."""

from __future__ import annotations

import logging
import secrets
import traceback
from contextlib import nullcontext

from django.db import Error, connection, transaction

from ent.jobs.attempt import JobAttempt
from ent.jobs.context import JobContext, ProgressListener
from ent.jobs.enums import JobState
from ent.jobs.errors import JobCancelled, JobFailed, JobLost, JobUnavailable
from ent.jobs.models import Job
from ent.jobs.registry import JobFunction, get_kind
from ent.outages.causes import WORDS, Outage, outage_of
from ent.outages.notices import tell_operators

logger = logging.getLogger(__name__)


def run_job(job_id: int) -> bool:
    """Run the job if it waits and nobody else has it; tell whether this call ran it."""
    attempt = JobAttempt.claim(job_id)
    if attempt is None:
        return False
    _attempt(attempt, listener=None)
    return True


def run_now(job: Job, *, listener: ProgressListener | None = None) -> Job:
    """Run a job in this process (management commands) and return its row as it ended.

    The same path as in a worker; `listener` receives the progress. Inside a transaction that has
    just written the job, the progress rides on that transaction, since nobody else sees the row.
    """
    claim = JobAttempt.claim_in_transaction if connection.in_atomic_block else JobAttempt.claim
    attempt = claim(job.pk)
    if attempt is None:
        raise JobUnavailable(f"{job}: runs elsewhere, or has ended")
    _attempt(attempt, listener=listener)
    job.refresh_from_db()
    return job


def run_queued(*, limit: int = 1000) -> int:
    """Run in this process the jobs that wait, oldest first; return how many were run."""
    count = 0
    for job_id in (
        Job.objects.filter(state=JobState.QUEUED)
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    ):
        count += run_job(job_id)
    return count


def _attempt(attempt: JobAttempt, *, listener: ProgressListener | None) -> None:
    """Run the function and write how it ended; never raises what the function raised."""
    job = Job.objects.get(pk=attempt.job_id)
    context = JobContext(job, attempt, listener)
    state, error = JobState.FAILED, ""
    try:
        _call(get_kind(job.kind).function, context, attempt)
        state = JobState.SUCCEEDED
    except JobCancelled:
        state = JobState.CANCELLED
    except JobFailed as failure:
        error = str(failure)
    except JobLost:
        logger.warning("job %s: another attempt took over", job.uuid)
        attempt.close()
        return
    except Exception as failure:
        outage = outage_of(failure)
        if outage is not None and _wait_for(outage, job, attempt):
            return
        error = _unexpected(job, failure, outage)
    except BaseException:  # the process is being stopped: leave the job to the next one
        attempt.give_back()
        attempt.close()
        raise
    attempt.finish(state, error=error, result=context.outcome)
    logger.info("job %s %s: %s", job.kind, job.uuid, state.value)


def _call(function: JobFunction, context: JobContext, attempt: JobAttempt) -> None:
    """Call the function; in a shared transaction, within a savepoint that its crash rolls back.

    An expected end keeps what the function wrote before it (a line of the journal), as it does in a
    worker, where the function opens its own transactions.
    """
    shelter = nullcontext() if attempt.is_alone else transaction.atomic()
    expected: JobFailed | JobCancelled | None = None
    with shelter:
        try:
            context.result(function(context) or {})
            context.flush()
        except (JobFailed, JobCancelled) as end:
            expected = end
    if expected is not None:
        raise expected


def _wait_for(outage: Outage, job: Job, attempt: JobAttempt) -> bool:
    """Leave the job until what is away has come back; False when it has waited enough.

    A lock that somebody else holds costs an attempt: two works may meet at each of them.
    """
    if not get_kind(job.kind).is_resumable:
        return False
    logger.warning("job %s %s waits (%s)", job.kind, job.uuid, outage.value)
    try:
        is_held = attempt.hold(outage, counts=outage is Outage.BUSY)
    except Error:
        is_held = True  # not even that can be written: the sweeper finds a job whose lock is free
    if is_held:
        attempt.close()
    tell_operators(outage)
    return is_held


def _unexpected(job: Job, failure: Exception, outage: Outage | None) -> str:
    """Log where it broke, never its message (it may quote data); return the French text."""
    reference = secrets.token_hex(4)
    frames = " < ".join(
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_tb(failure.__traceback__))
    )
    logger.error(
        "job %s %s failed, reference %s: %s at %s",
        job.kind,
        job.uuid,
        reference,
        type(failure).__qualname__,
        frames,
    )
    if outage is not None:
        return (
            f"{WORDS[outage]} Rien n’a été fait à moitié. Relancez ce travail dans quelques "
            f"minutes ; si cela se reproduit, communiquez la référence {reference} à l’assistance."
        )
    return (
        "Le travail s’est arrêté sur une erreur inattendue. Rien n’a été fait à moitié. "
        f"Relancez-le ; si cela se reproduit, communiquez la référence {reference} à l’assistance."
    )
