"""The page that probes read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from tests.cast import Cast
from tests.credentials.mailing import asked, families

pytestmark = pytest.mark.django_db
LEFT = "en attente, personne ne les prend"


def waited(seconds: int, *, state: JobState = JobState.QUEUED, started: int | None = None) -> Job:
    """A job that was asked for so many seconds ago, and begun so many seconds ago."""
    now = timezone.now()
    job = Job.objects.create(kind="tests.count", label="Compter", state=state)
    Job.objects.filter(pk=job.pk).update(
        created_at=now - timedelta(seconds=seconds),
        started_at=None if started is None else now - timedelta(seconds=started),
    )
    return job


def work_of(client: Client) -> str:
    response = client.get("/sante/")
    state = str(response.json()["travaux"])
    assert response.status_code == (200 if state == "ok" else 503), "whoever watches is told"
    assert client.get("/sante/pages/").status_code == 200, "pages work without workers"
    return state


def test_health_tells_that_the_database_the_broker_and_the_workers_answer(client: Client) -> None:
    """T-L3: the health page tells."""
    response = client.get("/sante/")
    assert response.status_code == 200
    words = ("base", "file", "horloge", "travaux", "espace")
    assert response.json() == dict.fromkeys(words, "ok")
    assert "no-store" in response.headers["Cache-Control"]


def test_health_tells_that_work_waits_and_nobody_takes_it(client: Client) -> None:
    """A frozen worker is still connected: what waits tells."""
    waited(61)
    assert work_of(client) == LEFT


def test_work_that_has_just_come_is_not_left(client: Client) -> None:
    waited(30)
    assert work_of(client) == "ok"


def test_work_behind_other_work_waits_its_turn(client: Client) -> None:
    waited(90, state=JobState.RUNNING, started=20)
    waited(80)
    assert work_of(client) == "ok", "somebody takes what comes before"


def test_work_behind_one_long_job_waits_for_ten_minutes(client: Client) -> None:
    waited(5_000, state=JobState.RUNNING, started=4_900)
    job = waited(300)
    assert work_of(client) == "ok"
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(seconds=601))
    assert work_of(client) == LEFT


def test_mails_that_nobody_sends_are_work_that_waits(client: Client, cast: Cast) -> None:
    families(cast.school_a, 1)
    campaign = asked(cast.school_a, cast.manager_a)
    assert work_of(client) == "ok"
    type(campaign).objects.update(created_at=timezone.now() - timedelta(seconds=61))
    assert work_of(client) == LEFT
    type(campaign).objects.update(served_at=timezone.now())
    assert work_of(client) == "ok"
