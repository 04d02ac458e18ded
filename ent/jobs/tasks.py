"""What the broker carries: an identifier, and the beat's regular rounds."""

from celery import shared_task

from ent.celery import every
from ent.jobs import running, sweeper
from ent.jobs.waking import RUN_JOB_TASK


@shared_task(name=RUN_JOB_TASK)
def run_job(job_id: int) -> None:
    """Run the job, unless somebody else has it or it has ended."""
    running.run_job(job_id)


@shared_task(name="ent.jobs.sweep")
def sweep() -> None:
    """Find the jobs that nobody runs."""
    sweeper.sweep()


every(20, "ent.jobs.sweep")
