"""The worker, played inside a test's own transaction."""

from __future__ import annotations

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now


def run_jobs() -> int:
    """Run every job that waits, those that they ask for included; return how many were run."""
    count = 0
    while job := Job.objects.filter(state=JobState.QUEUED).order_by("id").first():
        run_now(job)
        count += 1
    return count
