"""Running SQL step by step: every statement has a French name that the progress shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One statement. ``counter`` keeps its row count in the run's counters under that name.

    ``needs_known``: it is about people or links that the directory knew before, and is left out
    when it knows nobody of this authority and degree.
    """

    title: str
    sql: str
    counter: str = ""
    needs_known: bool = False


@dataclass(slots=True)
class Timing:
    """How long a step took (seconds), for the report and the bench."""

    title: str
    seconds: float
    rows: int


def run_steps(
    steps: Sequence[Step],
    *,
    parameters: dict[str, Any],
    say: Say,
    counters: dict[str, int],
    timings: list[Timing],
) -> None:
    """Run *steps* in order on Django's connection, one by one."""
    with connection.cursor() as cursor:
        shown = ""
        for step in steps:
            if step.title != shown:
                shown = step.title
                say(shown)
            started = time.monotonic()
            cursor.execute(step.sql, parameters)
            if step.counter:
                counters[step.counter] = counters.get(step.counter, 0) + max(cursor.rowcount, 0)
            timings.append(Timing(shown, time.monotonic() - started, cursor.rowcount))


def run_together(
    steps: Sequence[Step],
    *,
    parameters: dict[str, Any],
    say: Say,
    counters: dict[str, int],
    timings: list[Timing],
) -> None:
    """Run *steps* in order, sent at once: for a small delivery the way there and back is the cost.

    They are one transaction, and have one timing.
    """
    if not steps:
        return
    say(steps[0].title)
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("\n;\n".join(step.sql for step in steps), parameters)
        for step in steps:
            if step.counter:
                counters[step.counter] = counters.get(step.counter, 0) + max(cursor.rowcount, 0)
            if not cursor.nextset() and step is not steps[-1]:
                raise RuntimeError(f"a statement without result follows: {step.title}")
    timings.append(Timing(steps[0].title, time.monotonic() - started, -1))
