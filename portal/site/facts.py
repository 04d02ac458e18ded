"""Small facts of a site: links, opening hours, the message of the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from itertools import groupby

from django.db import transaction

from directory.models import School
from portal.enums import MessageTone, Weekday
from portal.models import DayMessage, OpeningPeriod, SchoolPage, UsefulLink
from portal.site.forms import write_hours
from portal.site.managed import Editor
from portal.site.texts import record_facts


@transaction.atomic
def add_link(*, link: UsefulLink, school: School, by: Editor) -> None:
    """Put a link after the others."""
    link.position = UsefulLink.objects.filter(school=school).count() + 1
    link.save()
    record_facts(school, by, "liens")


@transaction.atomic
def remove_link(*, link: UsefulLink, school: School, by: Editor) -> None:
    """Take a link off the page."""
    link.delete()
    record_facts(school, by, "liens")


@transaction.atomic
def set_hours(
    *, school: School, periods: Iterable[tuple[int, time, time]], note: str, by: Editor
) -> None:
    """Replace the week."""
    page, _ = SchoolPage.objects.select_for_update().get_or_create(school=school)
    page.hours_note = note
    page.save(update_fields=["hours_note"])
    OpeningPeriod.objects.filter(school=school).delete()
    OpeningPeriod.objects.bulk_create(
        OpeningPeriod(school=school, weekday=day, opens=opens, closes=closes)
        for day, opens, closes in periods
    )
    record_facts(school, by, "horaires")


@transaction.atomic
def set_message(
    *,
    school: School,
    words: str,
    tone: MessageTone,
    shows_from: datetime,
    shows_until: datetime,
    by: Editor,
) -> None:
    """Say something above the page between two moments."""
    DayMessage.objects.update_or_create(
        school=school,
        defaults={
            "words": words,
            "tone": tone,
            "shows_from": shows_from,
            "shows_until": shows_until,
        },
    )
    record_facts(school, by, "message")


@transaction.atomic
def remove_message(*, school: School, by: Editor) -> None:
    """Say nothing above the page."""
    DayMessage.objects.filter(school=school).delete()
    record_facts(school, by, "message")


def hours_by_day(periods: Iterable[OpeningPeriod]) -> dict[int, list[tuple[time, time]]]:
    """The stretches of each day that has any."""
    days: dict[int, list[tuple[time, time]]] = {}
    for period in periods:
        days.setdefault(period.weekday, []).append((period.opens, period.closes))
    return days


def shown_hours(periods: Sequence[OpeningPeriod]) -> list[tuple[str, str]]:
    """« Lundi – jeudi », « 8 h – 18 h »: neighbouring days of the same hours are one line."""
    days = hours_by_day(periods)
    if not days:
        return []
    lines: list[tuple[str, str]] = []
    for words, group in groupby(Weekday, key=lambda day: write_hours(days.get(day.value, []))):
        same = [day.label for day in group]
        label = same[0] if len(same) == 1 else f"{same[0]} – {same[-1].lower()}"
        lines.append((label, words or "Fermé"))
    return lines
