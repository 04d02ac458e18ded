"""What the function of a job receives."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ent.jobs.attempt import JobAttempt
from ent.jobs.errors import JobCancelled
from ent.jobs.models import Job

_SECONDS_BETWEEN_WRITES = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job is; `total` is 0 while it is unknown."""

    step: str
    done: int
    total: int


ProgressListener = Callable[[Progress], None]


class JobContext:
    """The job seen from inside: its parameters, and how it tells where it is."""

    def __init__(
        self, job: Job, attempt: JobAttempt, listener: ProgressListener | None = None
    ) -> None:
        self.uuid: UUID = job.uuid
        self.kind = job.kind
        self.params: Mapping[str, Any] = dict(job.params)
        self.actor: UUID | None = job.actor
        self.authority_code = job.authority_code
        self.school_uai = job.school_uai
        self.attempt = attempt.number
        self.outcome: dict[str, Any] = {}
        self._attempt = attempt
        self._listener = listener
        self._shown = Progress("", 0, 0)
        self._next_write = 0.0
        self._cancelled = False

    def progress(
        self, step: str | None = None, *, done: int | None = None, total: int | None = None
    ) -> None:
        """Show the step (French, a few words) and how much of it is done.

        Cheap enough for an inner loop: within a step at most five writes a second go out; a new
        step, of which there are few, is always shown at once.
        """
        shown = self._shown
        new_step = step is not None and step != shown.step
        self._shown = Progress(
            step=shown.step if step is None else step[:200],
            done=(0 if new_step else shown.done) if done is None else done,
            total=(0 if new_step else shown.total) if total is None else total,
        )
        if new_step or time.monotonic() >= self._next_write:
            self._write()

    def check_cancelled(self) -> None:
        """Raise `JobCancelled` when somebody asked to stop; call it between two units of work."""
        if not self._cancelled and time.monotonic() >= self._next_write:
            self._write()
        if self._cancelled:
            raise JobCancelled

    def result(self, values: Mapping[str, object]) -> None:
        """Add to the job's result: counts and identifiers that a page will show."""
        self.outcome.update(values)

    def flush(self) -> None:
        """Write the last progress, which the pace may have held back."""
        self._write()

    def _write(self) -> None:
        self._cancelled |= self._attempt.write_progress(
            self._shown.step, self._shown.done, self._shown.total
        )
        self._next_write = time.monotonic() + _SECONDS_BETWEEN_WRITES
        if self._listener is not None:
            self._listener(self._shown)
