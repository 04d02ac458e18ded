"""Figures of a service: counted without a name, drawn, exported, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory.models import Person
from sso.models import ServiceUsage
from sso.usage.bars import Period, draw
from sso.usage.visits import Visits, forget_old_usage, visits_of
from tests.cast import Cast
from tests.sso.kit import APP, Browser, make_service, validate

ClientOf = Callable[[Person | None], Client]


def test_visits_are_counted_by_profile_and_name_nobody(cast: Cast, client_of: ClientOf) -> None:
    service = make_service(school=cast.school_a)
    for person, times in ((cast.pupil, 2), (cast.classmate, 1), (cast.parent, 1)):
        browser = Browser(client_of(person))
        for _ in range(times):
            assert "authenticationSuccess" in validate(browser.ticket(APP))
    client_of(cast.pupil).get("/cas/login", {"service": APP})  # a ticket that nobody validates
    page = client_of(cast.manager_a).get(reverse("services:usage", args=[service.uuid]))
    text = page.content.decode()
    assert "<dt>Élève</dt><dd>3</dd>" in text
    assert "<dt>Parent</dt><dd>1</dd>" in text
    assert "<rect" in text
    for person in (cast.pupil, cast.classmate, cast.parent):
        assert person.given_name not in text
    export = client_of(cast.manager_a).get(reverse("services:usage-export", args=[service.uuid]))
    lines = b"".join(export).decode("utf-8-sig").split("\r\n")
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert sorted(lines[1:3]) == sorted([f"{today};Parent;1", f"{today};Élève;3"])


@pytest.mark.django_db
def test_figures_are_forgotten_after_twelve_months() -> None:
    service = make_service()
    today = timezone.localdate()
    for days in (0, 366, 367):
        ServiceUsage.objects.create(
            service=service, day=today - timedelta(days=days), profile="eleve", visits=1
        )
    assert forget_old_usage() == 1
    assert len(visits_of(service, since=today - timedelta(days=400))) == 2


@pytest.mark.parametrize(
    ("period", "bars", "first"),
    [
        (Period.MONTH, 30, "27 oct."),
        (Period.QUARTER, 14, "semaine du 24 août"),
        (Period.YEAR, 13, "nov. 2025"),
    ],
)
def test_every_bar_of_a_period_is_there_even_without_visits(
    period: Period, bars: int, first: str
) -> None:
    today = date(2026, 11, 25)
    visits = [Visits(today, "eleve", 7), Visits(today - timedelta(days=1), "", 3)]
    drawing = draw(visits, period, today)
    assert (len(drawing.bars), drawing.bars[0].words) == (bars, first)
    assert drawing.total == sum(bar.count for bar in drawing.bars) == 10
    assert len(drawing.labels) <= 5, "more would run over each other on a phone"
    assert drawing.totals == [("Élève", 7), ("Profil inconnu", 3)]
    assert all((bar.y >= 0 and bar.y + bar.height == 100) or not bar.count for bar in drawing.bars)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (5, 6), (10, 10), (11, 20), (99, 100), (613, 800)]
)
def test_the_top_of_the_drawing_is_a_round_number(highest: int, top: int) -> None:
    today = date(2026, 11, 25)
    assert draw([Visits(today, "eleve", highest)], Period.MONTH, today).top == top
