"""A comparison killed in the middle leaves nothing, says so, and begins again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_job
from ent.jobs.sweeper import sweep
from pronote_bridge.dry_run.enums import RunState
from pronote_bridge.dry_run.models import DryRunLine
from pronote_bridge.enums import ListKind
from tests.cast import make_cast
from tests.pronote_bridge.dry_runs import asked
from tests.pronote_bridge.population import make_instance

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LAST_STEP = "Écriture des lignes"
LINES = 20_000


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def start(job: Job) -> subprocess.Popen[bytes]:
    """Run the job in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ent.job_process", str(job.pk)],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ent.settings.test",
            "PREAU_TEST_DATABASE": connection.settings_dict["NAME"],
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_kill_nine_leaves_no_line_and_the_work_begins_again() -> None:
    cast = make_cast()
    lines = b"".join(b"NOM%d;Max;04/03/2012\n" % number for number in range(LINES))
    dry_run = asked(
        make_instance(cast.school_a),
        cast.manager_a,
        {ListKind.PUPILS: "Nom;Prénom;Né(e) le\n".encode() + lines},
    )
    job = Job.objects.get(uuid=dry_run.job_uuid)
    process = start(job)
    wait_until(lambda: Job.objects.filter(pk=job.pk, step=LAST_STEP).exists())
    process.kill()
    process.wait()

    dry_run.refresh_from_db()
    assert dry_run.state == RunState.WAITING
    assert not DryRunLine.objects.exists()
    wait_until(lambda: sweep().taken_up == 1)
    assert run_job(job.pk)
    job.refresh_from_db()
    dry_run.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)
    assert dry_run.state == RunState.READY
    assert DryRunLine.objects.count() == LINES
