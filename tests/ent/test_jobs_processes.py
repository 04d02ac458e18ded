"""Jobs in real processes: killed, doubled, forgotten (the model of T-G, T-H8, T-L4)."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from ent.jobs.attempt import JobAttempt
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_job
from ent.jobs.services import enqueue, request_cancel
from ent.jobs.sweeper import INTERRUPTED, PATIENCE, SweepReport, sweep
from tests.ent import job_kinds

pytestmark = pytest.mark.django_db(transaction=True)

_REPOSITORY = Path(__file__).resolve().parent.parent.parent
Start = Callable[[Job], "subprocess.Popen[bytes]"]


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The identifiers that were published, instead of a broker."""
    identifiers: list[int] = []

    def publish(job_id: int) -> bool:
        identifiers.append(job_id)
        return True

    for module in ("services", "sweeper"):
        monkeypatch.setattr(f"ent.jobs.{module}.wake_worker", publish)
    return identifiers


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process that runs one job; every one that is left is ended after the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(job: Job) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ent.job_process", str(job.pk)],
            cwd=_REPOSITORY,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "ent.settings.test",
                "PREAU_TEST_DATABASE": connection.settings_dict["NAME"],
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def _wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _is_under_way(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, done__gt=0).exists()


def _kill_once_it_runs(process: "subprocess.Popen[bytes]", job: Job) -> None:
    _wait_until(lambda: _is_under_way(job))
    process.kill()
    process.wait()


def test_a_job_whose_process_is_killed_runs_again_from_another_one(
    start: Start, published: list[int]
) -> None:
    """kill -9: the server frees the lock, the sweeper sees it, another worker takes the job."""
    job = enqueue(kind="tests.count_slowly", params={"upto": 1_000})
    published.clear()
    process = start(job)
    _wait_until(lambda: _is_under_way(job))

    assert sweep().taken_up == 0  # it lives: nobody takes it
    assert not run_job(job.pk)
    process.kill()
    process.wait()
    _wait_until(lambda: sweep().taken_up == 1)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert published.count(job.pk) == 1
    Job.objects.filter(pk=job.pk).update(params={"upto": 3})
    assert run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done) == (JobState.SUCCEEDED, 2, 3)


def test_a_job_killed_too_often_ends_with_a_clear_text(start: Start) -> None:
    job = enqueue(kind="tests.count_slowly", params={"upto": 1_000})
    for attempt in range(job.max_attempts):
        _kill_once_it_runs(start(job), job)
        _wait_until(lambda: sweep() != SweepReport())
        job.refresh_from_db()
        assert job.attempts == attempt + 1

    assert (job.state, job.error) == (JobState.FAILED, INTERRUPTED)
    assert job.finished_at is not None
    assert not run_job(job.pk)


def test_a_job_that_may_not_run_twice_is_given_up_at_the_first_death(start: Start) -> None:
    job = enqueue(kind="tests.count_once_slowly", params={"upto": 1_000})
    _kill_once_it_runs(start(job), job)
    _wait_until(lambda: sweep().given_up == 1)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, 1)


def test_a_killed_job_that_was_to_be_cancelled_is_cancelled(start: Start) -> None:
    job = enqueue(kind="tests.count_slowly", params={"upto": 1_000})
    process = start(job)
    _wait_until(lambda: _is_under_way(job))
    process.kill()
    process.wait()
    request_cancel(job=job)

    def is_cancelled() -> bool:
        sweep()
        return Job.objects.filter(pk=job.pk, state=JobState.CANCELLED).exists()

    _wait_until(is_cancelled)


def test_a_running_job_stops_in_its_own_process_when_asked(start: Start) -> None:
    job = enqueue(kind="tests.count_slowly", params={"upto": 1_000})
    process = start(job)
    _wait_until(lambda: _is_under_way(job))
    assert request_cancel(job=job)

    assert process.wait(timeout=30) == 0
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert 0 < job.done < 1_000


def test_four_workers_woken_for_one_job_run_it_once(start: Start) -> None:
    job = enqueue(kind="tests.leave_a_mark", params={"seconds": 2})
    processes = [start(job) for _ in range(4)]

    assert sorted(process.wait(timeout=60) for process in processes) == [0, 3, 3, 3]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM marks")
        assert cursor.fetchone() == (1,)


def test_a_job_that_nobody_woke_is_announced_again(published: list[int]) -> None:
    job = enqueue(kind="tests.count", params={"upto": 1})
    published.clear()

    assert sweep().woken == 0  # it was announced a moment ago
    Job.objects.filter(pk=job.pk).update(woken_at=timezone.now() - PATIENCE - timedelta(seconds=1))
    assert sweep().woken == 1
    assert published == [job.pk]
    assert sweep().woken == 0


def test_without_a_broker_the_sweeper_tries_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """T-L4."""
    job = enqueue(kind="tests.count", params={"upto": 1})
    Job.objects.filter(pk=job.pk).update(woken_at=None)
    monkeypatch.setattr("ent.jobs.sweeper.wake_worker", lambda job_id: False)

    assert sweep().woken == 0
    assert Job.objects.get().woken_at is None


def test_an_attempt_that_lost_its_lock_writes_nothing_over_the_next_one() -> None:
    """The server restarts under the job: the lock is free, another attempt runs, the first ends."""
    job = enqueue(kind="tests.count_slowly", params={"upto": 3})
    first = JobAttempt.claim(job.pk)
    assert first is not None
    with job_kinds.other_connection() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
            [job.pk],
        )
    _wait_until(lambda: sweep().taken_up == 1)
    second = JobAttempt.claim(job.pk)
    assert second is not None

    first.finish(JobState.SUCCEEDED, result={"by": "first"})
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.RUNNING, {})
    second.finish(JobState.SUCCEEDED, result={"by": "second"})
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"by": "second"})
