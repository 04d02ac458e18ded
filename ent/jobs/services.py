"""Asking for work, for its end, and for another try."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.registry import get_kind
from ent.jobs.waking import wake_worker

RESTORED = (
    "La base a été restaurée pendant que ce travail attendait. Vérifiez ce qui est déjà fait, puis "
    "relancez-le."
)
_KEY = re.compile(r"^[a-z][a-z0-9_]*$")
_LONGEST_TEXT = 200
_LONGEST_LIST = 1000


def enqueue(
    *,
    kind: str,
    params: Mapping[str, object] | None = None,
    actor: UUID | None = None,
    label: str = "",
    authority_code: str = "",
    school_uai: str = "",
) -> Job:
    """Write a job in the caller's transaction; a worker is woken when that commits.

    `params` are identifiers, dates, numbers and short words: the row is kept, shown to operators
    and dumped, so it never holds personal data or a secret.
    """
    declared = get_kind(kind)
    job = Job.objects.create(
        kind=kind,
        label=label or declared.label,
        params=_checked(params or {}),
        actor=actor,
        authority_code=authority_code,
        school_uai=school_uai,
        max_attempts=declared.max_attempts,
        woken_at=timezone.now(),
    )
    transaction.on_commit(partial(wake_worker, job.pk), robust=True)
    return job


def request_cancel(*, job: Job) -> bool:
    """Stop a job: at once when it waits, at its next check when it runs; False when it has ended.

    Two conditional statements, so that a worker that takes the job meanwhile is not missed.
    """
    stopped = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, cancel_requested=True, finished_at=timezone.now()
    )
    if not stopped:
        stopped = Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
            cancel_requested=True
        )
    return bool(stopped)


def retry(*, job: Job, actor: UUID | None) -> Job:
    """Ask again for a job that failed or was cancelled, as a new row of the same parameters."""
    if job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise ValueError("only a failed or cancelled job can be asked again")
    return enqueue(
        kind=job.kind,
        params=job.params,
        actor=actor,
        label=job.label,
        authority_code=job.authority_code,
        school_uai=job.school_uai,
    )


def hold_all() -> int:
    """End every job that waits or runs, in a restored copy: whoever asked decides anew."""
    return Job.objects.live().update(
        state=JobState.FAILED, error=RESTORED, finished_at=timezone.now()
    )


def _checked(params: Mapping[str, object]) -> dict[str, Any]:
    """Return the parameters as JSON keeps them, or refuse what does not belong in a job row."""
    if bad := [key for key in params if not _KEY.match(key)]:
        raise ValueError(f"parameters are named in lower case: {bad[0]!r}")
    return {key: _checked_value(key, value) for key, value in params.items()}


def _checked_value(key: str, value: object) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable():
        return str(value)
    if isinstance(value, list | tuple) and len(value) <= _LONGEST_LIST:
        if any(isinstance(item, list | tuple) for item in value):
            raise TypeError(f"parameter {key!r}: a list of plain values only")
        return [_checked_value(key, item) for item in value]
    raise TypeError(f"parameter {key!r}: identifiers, dates, numbers and short words only")
