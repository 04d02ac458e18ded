"""What a run knows, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from directory.enums import DeliveryMode, DeliveryState, Relationship
from directory.imports.columns import EVERYBODY
from directory.imports.contributors import Contributor, new_contributors
from directory.imports.guard.weighing import GuardResult
from directory.imports.layouts.aaf.common.packages import OpenDelivery
from directory.imports.layouts.aaf.reading import Counts
from directory.imports.runs.ledger import covered_before
from directory.imports.sql.loader import SQL, TEMPORARY
from directory.imports.sql.steps import Timing, run_steps, run_together
from directory.models.deliveries import Delivery
from directory.models.schools import Authority

Progress = Callable[[str, int, int], None]


def silent(_step: str, _done: int, _total: int) -> None:
    return None


@dataclass(slots=True)
class ImportRun:
    """Everything a run knows; contributors of higher rooms receive it."""

    authority: Authority
    delivery: Delivery
    opened: OpenDelivery
    schema: str
    progress: Progress = silent
    polite: bool = False
    actor: UUID | None = None
    counts: Counts = field(default_factory=Counts)
    counters: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    timings: list[Timing] = field(default_factory=list)
    is_preview: bool = False
    is_first: bool = False
    """Does the directory hold nothing of this authority and degree yet?"""
    is_alone: bool = False
    """Nor of the other degree?"""
    covered_before: list[str] | None = None
    """The schools of the last delivery that was applied, once they were asked for."""
    contributors: list[Contributor] = field(default_factory=new_contributors)

    @property
    def degree(self) -> str:
        """Degree of the feed."""
        return self.delivery.degree

    @property
    def is_delta(self) -> bool:
        """Does the delivery say what has changed, and nothing of the others?"""
        return self.delivery.mode == DeliveryMode.DELTA

    def parameters(self) -> dict[str, Any]:
        """What the steps' SQL may name."""
        if self.covered_before is None:
            self.covered_before = covered_before(self.delivery)
        return {
            "authority": self.authority.pk,
            "degree": self.degree,
            # An optional category whose file holds nobody says no more than an absent one.
            "delivered": [c for c in EVERYBODY if self.counts.objects.get(c)],
            "is_delta": self.is_delta,
            "covered_before": self.covered_before,
            "scope": self.delivery.scope,
            "project": self.delivery.project,
            "legal_links": [str(link) for link in self.authority.links_with_right],
            "relationships": [str(value) for value in Relationship.values],
        }

    def query(self, file: str, name: str) -> str:
        """A query of a file of ``sql/``, about this run's staging."""
        return SQL.query(file, name, schema=self.schema)

    def note(self, title: str, started: float) -> None:
        """Keep the time of something that is not a step."""
        self.timings.append(Timing(title, time.monotonic() - started, -1))

    def run(self, file: str) -> None:
        """Run the steps of a file of ``sql/``, shown and timed."""
        steps = SQL.steps(file, schema=self.schema)
        run_all = run_together if self.schema == TEMPORARY else run_steps
        run_all(
            [step for step in steps if not (self.is_alone and step.needs_known)],
            parameters=self.parameters(),
            say=lambda title: self.progress(title, 0, 0),
            counters=self.numbers,
            timings=self.timings,
        )


@dataclass(slots=True)
class ImportOutcome:
    """What came of it: the delivery's row says the rest."""

    delivery: Delivery
    guard: GuardResult | None = None
    timings: list[Timing] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def state(self) -> DeliveryState:
        """State of the delivery."""
        return DeliveryState(self.delivery.state)
