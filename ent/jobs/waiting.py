"""Whether work waits and nobody takes it: workers that are away, or that no longer read.

A queue is no proof: a worker that is frozen is still connected. What counts is that something has
waited for a minute while nothing was begun. Rooms whose work is in rows of their own say so with
`register_waiting_work`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.outages.causes import Outage
from ent.web.health import NO_SPACE, OK

#: The sweeper announces a forgotten job within 50 s (`ent.jobs.sweeper`): longer is nobody's turn.
PATIENCE: Final = timedelta(seconds=60)
#: With other work under way, waiting is no fault for longer.
PATIENCE_WHEN_BUSY: Final = timedelta(minutes=10)
#: Jobs are begun about in the order of their keys: so far back stand those begun lately.
_KEYS_BACK: Final = 1_000

_others: list[Callable[[datetime], bool]] = []


def register_waiting_work(is_left: Callable[[datetime], bool]) -> None:
    """Let a room say that its own work has waited since before a moment and nobody takes it."""
    _others.append(is_left)


def state() -> str:
    """Tell the page of probes whether work waits that nobody takes."""
    return "en attente, personne ne les prend" if is_work_left() else "ok"


def space_state() -> str:
    """Tell the page of probes whether work waits for room on a disk."""
    waits = Job.objects.live().filter(held_by=Outage.SPACE).exists()
    return NO_SPACE if waits else OK


def is_work_left() -> bool:
    """Does work wait that nobody takes?"""
    now = timezone.now()
    return _is_a_job_left(now) or any(is_left(now - PATIENCE) for is_left in _others)


def _is_a_job_left(now: datetime) -> bool:
    # What waits for something to come back is told by that (`ent.web.health`).
    oldest = Job.objects.filter(state=JobState.QUEUED, held_by="").order_by("pk").first()
    if oldest is None or oldest.created_at > now - PATIENCE:
        return False
    near = Job.objects.filter(pk__gte=oldest.pk - _KEYS_BACK)
    if near.filter(started_at__gt=now - PATIENCE).exists():
        return False
    is_busy = Job.objects.filter(state=JobState.RUNNING).exists()
    return not is_busy or oldest.created_at <= now - PATIENCE_WHEN_BUSY
