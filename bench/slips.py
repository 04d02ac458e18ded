"""Slips: how many sheets a second a worker draws, and whether memory depends on their number."""

from __future__ import annotations

import resource
import statistics
import time

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from bench.lines import Line
from credentials.enums import SlipLayout
from credentials.slips.making import documents_of, draw_documents
from credentials.slips.people import read_people
from credentials.slips.sheets import head_of
from directory.models import School

_SCHOOLS = 6


def measure_slips() -> list[Line]:
    """Sheets of whole schools, read, opened and drawn, eight on a page."""
    schools = list(School.objects.filter(is_active=True).order_by("pk")[:_SCHOOLS])
    _draw_school(schools[0])  # fonts and code are loaded once in a worker's life
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rate = statistics.median(_rate(schools) for _ in range(3))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [
        Line(
            work="slips, eight on a page, tagged PDF with a QR code on each",
            ours=f"{rate:,.0f} /s, memory +{grown:.0f} MB",
            compare=rate,
            compare_unit="/s",
            goal=1_000,
        )
    ]


def _rate(schools: list[School]) -> float:
    began = time.perf_counter()
    sheets = sum(_draw_school(school) for school in schools)
    return sheets / (time.perf_counter() - began)


def _draw_school(school: School) -> int:
    sheet = head_of(school, SlipLayout.EIGHT)
    accounts = Account.objects.filter(
        kind="local", person__affiliations__school=school, person__left_at__isnull=True
    )
    ids = list(accounts.order_by("pk").values_list("pk", flat=True).distinct())
    with transaction.atomic():
        people = read_people(ids, school_id=school.pk, now=timezone.now())
        documents = documents_of(people)
        for _ in draw_documents(documents, sheet=sheet, kind=SlipLayout.EIGHT.label):
            pass
    return len(ids)
