"""Telling the workers that there is work; losing the message loses nothing."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

RUN_JOB_TASK = "ent.jobs.run_job"

logger = logging.getLogger(__name__)


def wake_worker(job_id: int) -> bool:
    """Publish the job's identifier; False when the broker is away (the sweeper publishes again)."""
    try:
        current_app.send_task(RUN_JOB_TASK, args=[job_id], ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("no broker for job %d (%s)", job_id, type(error).__name__)
        return False
    return True
