"""Telling a school, a week before, how many of its leavers will be erased (R-D5).

Mails and mailboxes are of a higher room: it registers what it does with the news.

    tell_schools_by(send_to_administrators)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from directory.lifecycle.leavers import describe_leavers, due_this_week
from directory.models.leavers import ErasureNotice
from directory.models.persons import Affiliation, Person
from directory.models.schools import School


@dataclass(frozen=True, slots=True)
class ErasureNews:
    """How many persons of a school will be erased, and from which day on."""

    school: School
    count: int
    first_day: date


_tellers: list[Callable[[ErasureNews], None]] = []


def tell_schools_by(teller: Callable[[ErasureNews], None]) -> None:
    """Let a higher room tell a school; called in the transaction that notes it."""
    if teller not in _tellers:
        _tellers.append(teller)


@transaction.atomic
def tell_schools() -> int:
    """Tell every school of the erasures of the coming week, each once; return how many persons.

    Somebody who came back and left again is told again: the day of the notice is not the same.
    """
    told = ErasureNotice.objects.filter(person=OuterRef("pk"), told_at__gt=OuterRef("left_at"))
    untold = Person.objects.filter(due_this_week(timezone.localdate())).exclude(Exists(told))
    locked = untold.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    leavers = [one for one in describe_leavers(list(locked)) if one.erased_on is not None]
    days = {one.person.pk: one.erased_on for one in leavers if one.erased_on is not None}
    by_school: dict[int, list[date]] = defaultdict(list)
    rows = Affiliation.objects.filter(person__in=days).order_by()
    for person, school_id in rows.values_list("person", "school").distinct():
        by_school[school_id].append(days[person])
    for school in School.objects.filter(pk__in=by_school).order_by("pk"):
        coming = by_school[school.pk]
        news = ErasureNews(school=school, count=len(coming), first_day=min(coming))
        for teller in _tellers:
            teller(news)
    ErasureNotice.objects.bulk_create(
        [ErasureNotice(person=one.person) for one in leavers],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["told_at"],
    )
    return len(leavers)
