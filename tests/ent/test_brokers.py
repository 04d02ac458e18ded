"""Both brokers, with real processes: what one publishes a worker runs, and a broker that is away
loses nothing."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree, which

import pytest
from django.db import connection, transaction

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.services import enqueue
from ent.processes import WORKER
from tests.conftest import require
from tests.ent import job_kinds
from tests.kit.server import LiveProcess, start_process, stop_process

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_ROOT = Path(__file__).resolve().parent.parent.parent
_KIND = "tests.count"
assert job_kinds  # importing it declares the kind


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A Redis of our own on a socket; yields its address."""
    socket = folder / "redis.sock"
    process = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", ""],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while not socket.exists():
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.05)
        yield f"redis+socket://{socket}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def _worker(broker: str, *, processes: int = 1) -> Iterator[LiveProcess]:
    live = start_process(WORKER, WORKER_PROCESSES=str(processes), PREAU_TEST_BROKER=broker)
    try:
        yield live
    finally:
        stop_process(live)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a socket lives in it."""
    made = Path(tempfile.mkdtemp(prefix="preau-"))
    yield made
    rmtree(made)


def _publish_again(broker: str) -> None:
    """What the beat does, from a process of its own that knows the broker."""
    done = subprocess.run(
        [sys.executable, "manage.py", "sweep_jobs"],
        cwd=_ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ent.settings.test",
            "PREAU_TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "PREAU_TEST_BROKER": broker,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _enqueue_long_ago() -> Job:
    """A job whose message was lost: it was written while no broker could be reached."""
    with transaction.atomic():
        job = enqueue(kind=_KIND, params={"upto": 2})
    Job.objects.filter(pk=job.pk).update(woken_at="2026-01-01T00:00:00Z")
    return job


def _wait_for_success(job: Job, worker: LiveProcess, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job.refresh_from_db()
        if job.state == JobState.SUCCEEDED:
            return
        time.sleep(0.1)
    pytest.fail(f"the job is {job.state}\n{worker.read_log()[-3000:]}")


def test_without_redis_messages_go_through_a_folder(folder: Path) -> None:
    """What the demonstration uses."""
    job = _enqueue_long_ago()
    broker = str(folder / "broker")
    with _worker(broker) as worker:
        _publish_again(broker)
        _wait_for_success(job, worker)


def _children(live: LiveProcess) -> list[int]:
    tasks = Path(f"/proc/{live.process.pid}/task")
    return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def _reads(pid: int) -> bool:
    """Does this process sleep until somebody writes to it?"""
    try:
        return (
            "read" in Path(f"/proc/{pid}/wchan").read_text()
            or ") S " in Path(f"/proc/{pid}/stat").read_text()
        )
    except OSError:
        return False


def _wait_for_idle_children(live: LiveProcess, number: int) -> list[int]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        children = _children(live)
        if "ready." in live.read_log() and len(children) >= number and all(map(_reads, children)):
            return children
        time.sleep(0.1)
    pytest.fail(f"the worker has not started\n{live.read_log()[-3000:]}")


@pytest.fixture(params=["folder", "redis"])
def broker(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of each of the two brokers."""
    if request.param == "folder":
        yield str(folder / "broker")
        return
    require(which("redis-server") is not None, "Redis")
    with _redis(folder) as address:
        yield address


def test_any_idle_child_may_be_killed_and_work_goes_on(broker: str) -> None:
    """Nothing was taken any more for 76 s and longer, of a worker that looked well."""
    with _worker(broker, processes=3) as worker:
        for _ in range(3):
            for victim in _wait_for_idle_children(worker, 3):
                os.kill(victim, signal.SIGKILL)
                job = _enqueue_long_ago()
                _publish_again(broker)
                _wait_for_success(job, worker, seconds=20)


def test_with_redis_a_job_written_while_it_was_away_runs_when_it_is_back(folder: Path) -> None:
    """T-L4: jobs kept in the database, taken up after the broker's return."""
    require(which("redis-server") is not None, "Redis")
    job = _enqueue_long_ago()
    with _redis(folder) as broker, _worker(broker) as worker:
        _publish_again(broker)
        _wait_for_success(job, worker)
        assert job.attempts == 1
