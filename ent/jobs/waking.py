"""Telling the workers that there is work; losing the message loses nothing."""

import logging
from functools import partial
from typing import Final

from celery import current_app
from kombu.exceptions import OperationalError

from ent.outages.breaker import Breaker
from ent.outages.causes import Outage
from ent.outages.notices import tell_operators
from ent.web.deadline import Sockets, run_within

RUN_JOB_TASK = "ent.jobs.run_job"
_SECONDS: Final = 1.0
breaker: Final = Breaker(rest_seconds=15)

logger = logging.getLogger(__name__)


def wake_worker(job_id: int) -> bool:
    """Publish the job's identifier; False when the broker is away (the sweeper publishes again)."""
    return publish(RUN_JOB_TASK, job_id)


def publish(task: str, *arguments: int) -> bool:
    """Send a task by its name; False when the broker is away, or rests after a silence.

    A broker that takes connections and never answers would hold each page for as long as its
    sockets wait: one page waits a second, those of the next fifteen do not.
    """
    if not breaker.lets_through():
        return False
    send = partial(
        current_app.send_task, task, args=list(arguments), ignore_result=True, retry=False
    )
    try:
        run_within(_SECONDS, send, sockets=Sockets())
    except (OperationalError, OSError) as error:
        breaker.note_silence()
        logger.warning("no broker for %s %s (%s)", task, arguments, type(error).__name__)
        tell_operators(Outage.BROKER)
        return False
    breaker.note_answer()
    return True
