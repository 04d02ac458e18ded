"""First activations by week since September, or by day: numbers, and the bars that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Case, Count, QuerySet, When
from django.db.models.functions import TruncDay, TruncWeek

from credentials.days import PARIS, start_of_day
from credentials.enums import Pace
from directory.models import Person
from directory.schools.school_year import start_of_school_year

DAYS_SHOWN: Final = 42
#: The drawing: each step is this wide, the bars this high; the page stretches it to its width.
_STEP, _BAR, _HEIGHT = 10, 7, 100


@dataclass(frozen=True, slots=True)
class EvolutionStep:
    """A week (by its Monday) or a day: who came in for the first time, and how many by then."""

    day: date
    number: int
    so_far: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the drawing, in its own units."""

    step: EvolutionStep
    x: int
    y: int
    height: int
    width: int = _BAR


@dataclass(frozen=True, slots=True)
class Evolution:
    """The steps in order, with what came before the first."""

    pace: Pace
    steps: Sequence[EvolutionStep]
    before: int

    @property
    def total(self) -> int:
        """First activations within the steps."""
        return sum(step.number for step in self.steps)

    @property
    def label(self) -> str:
        """What the drawing says to those who do not see it."""
        step = "un jour" if self.pace == Pace.DAY else "une semaine"
        return (
            f"Barres : {self.total} premières activations, au plus {self.most} en {step} ; "
            "les nombres sont dans le tableau ci-dessous."
        )

    @property
    def top(self) -> int:
        """The round number at which the scale ends."""
        return _round_up(self.most)

    @property
    def middle(self) -> int:
        """Half of the scale."""
        return self.top // 2

    @property
    def most(self) -> int:
        """The highest step."""
        return max((step.number for step in self.steps), default=0)

    @property
    def width(self) -> int:
        """Width of the drawing."""
        return _STEP * len(self.steps)

    @property
    def bars(self) -> list[Bar]:
        """Each step's bar; whoever came in shows, be it one of ten thousand."""
        bars = []
        for place, step in enumerate(self.steps):
            height = round(_HEIGHT * step.number / self.top) or min(step.number, 1)
            x = place * _STEP + (_STEP - _BAR) // 2
            bars.append(Bar(step=step, x=x, y=_HEIGHT - height, height=height))
        return bars

    @property
    def marks(self) -> list[date]:
        """The days under the drawing: first, middle, last."""
        days = [step.day for step in self.steps]
        return [days[0], days[len(days) // 2], days[-1]] if len(days) > 2 else days


def evolution_of(people: QuerySet[Person], *, pace: Pace, today: date) -> Evolution:
    """Count first activations by step; one statement.

    An account counts on the day of its first activation, whatever became of it since: a rescued
    account that waits for its new code was activated, and so was a blocked one.
    """
    first, length = _window(pace, today)
    since = start_of_day(first)
    cut = TruncWeek if pace == Pace.WEEK else TruncDay
    rows: Any = (
        people.filter(account__activated_at__isnull=False)
        .annotate(
            step=Case(
                When(
                    account__activated_at__gte=since,
                    then=cut("account__activated_at", tzinfo=PARIS),
                )
            )
        )
        .values_list("step")
        .annotate(number=Count("pk"))
    )
    by_day = {step.astimezone(PARIS).date() if step else None: number for step, number in rows}
    before = so_far = by_day.get(None, 0)
    steps = []
    day = first
    while day <= today:
        number = by_day.get(day, 0)
        so_far += number
        steps.append(EvolutionStep(day=day, number=number, so_far=so_far))
        day += length
    return Evolution(pace=pace, steps=steps, before=before)


def _window(pace: Pace, today: date) -> tuple[date, timedelta]:
    """First day shown and the length of a step."""
    if pace == Pace.DAY:
        return today - timedelta(days=DAYS_SHOWN - 1), timedelta(days=1)
    september = start_of_school_year(today)
    return september - timedelta(days=september.weekday()), timedelta(weeks=1)


def _round_up(number: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100…: its half is a whole number, too."""
    unit = 1
    while True:
        for factor in (2, 4, 10):
            if number <= factor * unit:
                return factor * unit
        unit *= 10
