"""A line of the bench, the table on the terminal, and the table in the docs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure with what it is compared to.

    ``compare`` is the value that the goal speaks of: ours divided by the floor (or the peer) for
    rates, or a figure of its own (milliseconds, megabytes) when the goal is absolute.
    """

    work: str
    floor: str = ""
    peer: str = ""
    ours: str
    compare: float
    compare_unit: str = "×"
    goal: float
    at_least: bool = True

    @property
    def holds(self) -> bool:
        """Is the goal reached?"""
        return self.compare >= self.goal if self.at_least else self.compare <= self.goal

    def cells(self) -> tuple[str, ...]:
        """The cells of a table."""
        sign = "≥" if self.at_least else "≤"
        return (
            self.work,
            self.floor or "–",
            self.peer or "–",
            self.ours,
            f"{self.compare:.3g} {self.compare_unit}".strip(),
            f"{sign} {self.goal:g} {self.compare_unit}".strip(),
            "holds" if self.holds else "MISSED",
        )


HEADINGS = ("work", "floor", "peer", "ours", "ratio or figure", "goal", "verdict")


def table(lines: list[Line]) -> str:
    """The lines as a Markdown table, aligned so that a terminal shows it well."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    text = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def rate(count: float, seconds: float) -> str:
    """« 12,345 /s »."""
    return f"{count / seconds:,.0f} /s"


def timed(work: Callable[[], object]) -> float:
    """Seconds that *work* takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_of_three(work: Callable[[], object]) -> float:
    """The median of three runs, in seconds: for what is cheap to repeat."""
    return statistics.median(timed(work) for _ in range(3))


def percentile(values: list[float], share: float) -> float:
    """The value below which *share* of the values lie (0.95 for p95)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]
