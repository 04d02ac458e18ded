"""Dry runs for the tests: lists deposited and compared in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile

from directory.models import Person
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_now
from pronote_bridge.dry_run.models import DryRun, DryRunLine
from pronote_bridge.dry_run.services import request_dry_run
from pronote_bridge.enums import ListKind
from pronote_bridge.instances.models import Instance


def uploads(lists: Mapping[ListKind, bytes], end: str = "csv") -> dict[ListKind, UploadedFile[Any]]:
    """Return lists as a browser sends them."""
    return {kind: SimpleUploadedFile(f"{kind}.{end}", data) for kind, data in lists.items()}


def asked(instance: Instance, actor: Person, lists: Mapping[ListKind, bytes]) -> DryRun:
    """Deposit lists."""
    return request_dry_run(instance=instance, files=uploads(lists), actor=actor)


def run(dry_run: DryRun) -> DryRun:
    """Run the job of a dry run, which succeeds."""
    job = run_now(Job.objects.get(uuid=dry_run.job_uuid))
    assert (job.state, job.error) == (JobState.SUCCEEDED, "")
    dry_run.refresh_from_db()
    return dry_run


def compared(instance: Instance, actor: Person, lists: Mapping[ListKind, bytes]) -> DryRun:
    """Deposit lists and compare them."""
    return run(asked(instance, actor, lists))


def line_of(dry_run: DryRun, name: str) -> DryRunLine:
    """Return the one line of this name."""
    return DryRunLine.objects.of_run(dry_run).select_related("source__dry_run").get(name=name)


def told(dry_run: DryRun) -> dict[str, tuple[str, str]]:
    """Return what is foretold, by name."""
    lines = DryRunLine.objects.of_run(dry_run)
    return {line.name: (line.outcome, line.reason) for line in lines}
