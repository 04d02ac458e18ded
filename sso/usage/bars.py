"""Visits as bars: the numbers of a plain drawing, which the page repeats as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import TextChoices

from directory.enums import Profile
from sso.usage.visits import Visits

_MONTHS: Final = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin",
    "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
#: The drawing: each bar stands in so much and is so wide; the page stretches it.
_STEP, _BAR, _HEIGHT = 10, 7, 100
#: As many fit under the drawing on a telephone.
_MOST_LABELS = 5


class Period(TextChoices):
    """How far back, and what one bar stands for."""

    MONTH = "30", "30 derniers jours, par jour"
    QUARTER = "91", "3 derniers mois, par semaine"
    YEAR = "365", "12 derniers mois, par mois"

    def start(self, today: date) -> date:
        """The first day of the first bar."""
        if self is Period.YEAR:
            return date(today.year - 1, today.month, 1)
        day = today - timedelta(days=int(self.value) - 1)
        return day - timedelta(days=day.weekday()) if self is Period.QUARTER else day

    def bar_of(self, day: date) -> date:
        """The first day of the bar that *day* stands in."""
        if self is Period.YEAR:
            return day.replace(day=1)
        return day - timedelta(days=day.weekday()) if self is Period.QUARTER else day

    def words_of(self, first_day: date) -> str:
        """What a bar is called."""
        if self is Period.YEAR:
            return f"{_MONTHS[first_day.month - 1]} {first_day.year}"
        words = f"{first_day.day} {_MONTHS[first_day.month - 1]}"
        return f"semaine du {words}" if self is Period.QUARTER else words


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: what it counts, and its place in the drawing."""

    words: str
    count: int
    by_profile: tuple[tuple[str, int], ...]
    x: int
    y: int
    height: int
    width: int = _BAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything that the page of a service's visits shows."""

    period: Period
    bars: list[Bar]
    profiles: list[str]
    totals: list[tuple[str, int]]
    total: int
    top: int
    labels: list[str]

    @property
    def width(self) -> int:
        """How wide the drawing is, in its own units."""
        return _STEP * len(self.bars)

    @property
    def scale(self) -> list[int]:
        """The numbers of the horizontal lines, from the top."""
        return [self.top, self.top // 2, 0]


def draw(visits: Iterable[Visits], period: Period, today: date) -> Drawing:
    """Add the visits up per bar and per profile; days without a visit are bars, too."""
    counted: Counter[tuple[date, str]] = Counter()
    for one in visits:
        counted[period.bar_of(one.day), one.profile] += one.count
    profiles = [value for value in (*Profile.values, "") if any(p == value for _, p in counted)]
    firsts = _first_days(period, today)
    sums = {first: sum(counted[first, profile] for profile in profiles) for first in firsts}
    top = _round_top(max(sums.values(), default=0))
    bars = [
        Bar(
            words=period.words_of(first),
            count=sums[first],
            by_profile=tuple((name_of(p), counted[first, p]) for p in profiles),
            x=_STEP * rank + (_STEP - _BAR) // 2,
            y=_HEIGHT - _drawn(sums[first], top),
            height=_drawn(sums[first], top),
        )
        for rank, first in enumerate(firsts)
    ]
    totals = [(name_of(p), sum(counted[first, p] for first in firsts)) for p in profiles]
    return Drawing(
        period=period,
        bars=bars,
        profiles=[name_of(profile) for profile in profiles],
        totals=totals,
        total=sum(sums.values()),
        top=top,
        labels=[_label(period, firsts[at]) for at in _spread(len(firsts))],
    )


def name_of(profile: str) -> str:
    """The profile as screens say it."""
    return str(Profile(profile).label) if profile else "Profil inconnu"


def _first_days(period: Period, today: date) -> list[date]:
    days, day = [], period.start(today)
    while day <= today:
        days.append(day)
        if period is Period.YEAR:
            day = (day + timedelta(days=32)).replace(day=1)
        else:
            day += timedelta(days=7 if period is Period.QUARTER else 1)
    return days


def _drawn(count: int, top: int) -> int:
    """The height of a bar; one visit is seen."""
    return max(1, round(_HEIGHT * count / top)) if count else 0


def _spread(count: int) -> list[int]:
    """Which bars are named under the drawing: the first, the last, and some evenly between."""
    most = min(count, _MOST_LABELS)
    return [round(rank * (count - 1) / (most - 1)) for rank in range(most)] if most > 1 else [0]


def _label(period: Period, first: date) -> str:
    return _MONTHS[first.month - 1] if period is Period.YEAR else f"{first.day}/{first.month:02}"


def _round_top(highest: int) -> int:
    """The number at the top of the drawing: round, even, and never zero."""
    if highest <= 4:
        return 4
    scale: int = 10 ** (len(str(highest)) - 1)
    return next(scale * n // 10 for n in (10, 20, 40, 60, 80, 100) if scale * n // 10 >= highest)
