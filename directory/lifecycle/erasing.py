"""Erasing in the night whoever left three months ago, in small transactions (R-D5).

A worker killed in the middle has erased whole persons or none of a batch; the next one goes on.
Rows that an import holds are passed over, and come back in the next hour.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone

from directory.lifecycle.dates import day_being_prepared
from directory.lifecycle.erasure import erase_persons
from directory.lifecycle.erasure_list import note_erasures
from directory.lifecycle.leavers import erased_by
from directory.models.persons import Affiliation, Person
from ent.audit.enums import Act
from ent.audit.services import record
from ent.jobs.context import JobContext
from ent.jobs.enums import LIVE_STATES
from ent.jobs.models import Job
from ent.jobs.services import enqueue

ERASE_LEAVERS: Final = "directory.erase_leavers"
_BATCH: Final = 200


def ask_for_erasures() -> None:
    """Enqueue one job when somebody is due and none is waiting or running."""
    day = day_being_prepared(timezone.now())
    is_under_way = Job.objects.filter(kind=ERASE_LEAVERS, state__in=LIVE_STATES).exists()
    if not is_under_way and Person.objects.filter(erased_by(day)).exists():
        enqueue(kind=ERASE_LEAVERS)


def erase_leavers(ctx: JobContext) -> int:
    """Erase whoever is due, batch by batch; return how many."""
    day = day_being_prepared(timezone.now())
    total = Person.objects.filter(erased_by(day)).count()
    done = 0
    while erased := _erase_batch(day):
        done += erased
        ctx.progress("Effacement des comptes en départ", done=done, total=max(total, done))
        ctx.check_cancelled()
    return done


@transaction.atomic
def _erase_batch(day: date) -> int:
    """Erase some of those whom no import holds; 0 when nobody is left."""
    due = Person.objects.filter(erased_by(day)).order_by("pk")
    batch = due.select_for_update(of=("self",), skip_locked=True).values_list("pk", "uuid")
    chosen = dict(batch[:_BATCH])
    if not chosen:
        return 0
    note_erasures(chosen.values())
    _tell_journal(list(chosen))
    return erase_persons(chosen)


def _tell_journal(persons: list[int]) -> None:
    """Note how many were erased in each school, and of those who had none: nobody is named."""
    rows = Affiliation.objects.filter(person__in=persons).order_by()
    schools = rows.values_list("person", "school__uai").distinct()
    with_school = {person for person, _ in schools}
    counts = Counter(uai for _, uai in schools)
    if nowhere := len(persons) - len(with_school):
        counts[""] = nowhere
    for uai, count in sorted(counts.items()):
        record(act=Act.PERSON_ERASED, school_uai=uai, details={"count": count})
