"""Jobs: asked in a transaction, run once, seen while they run, ended with a text for a person."""

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from ent.jobs.context import Progress
from ent.jobs.enums import JobState
from ent.jobs.errors import JobUnavailable
from ent.jobs.models import Job
from ent.jobs.running import run_job, run_now, run_queued
from ent.jobs.services import enqueue, request_cancel, retry
from tests.ent import job_kinds


def _publish(published: list[int], job_id: int) -> bool:
    published.append(job_id)
    return True


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The identifiers that were published, instead of a broker."""
    published: list[int] = []
    for module in ("services", "sweeper"):
        monkeypatch.setattr(f"ent.jobs.{module}.wake_worker", partial(_publish, published))
    return published


@pytest.mark.django_db
def test_a_worker_is_woken_at_commit_only(
    announced: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(kind="tests.count", params={"upto": 3}, actor=uuid.uuid4())
        assert announced == []
    assert announced == [job.pk]


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_rolled_back_transaction_never_existed(announced: list[int]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(kind="tests.count", params={"upto": 3})
        raise ZeroDivisionError
    assert announced == []
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_once_and_keeps_its_result(announced: list[int]) -> None:
    job = enqueue(kind="tests.count", params={"upto": 3})

    assert run_job(job.pk)
    assert not run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result, job.attempts) == (JobState.SUCCEEDED, {"counted": 3}, 1)
    assert (job.step, job.done, job.total, job.percent) == ("Comptage", 3, 3, 100)
    assert job.finished_at is not None
    assert job.started_at is not None


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_while_the_job_is_in_its_transaction(announced: list[int]) -> None:
    seen: list[tuple[str, int]] = []

    def look(progress: Progress) -> None:
        with job_kinds.other_connection() as cursor:
            cursor.execute("SELECT state, done FROM jobs_job WHERE started_at IS NOT NULL")
            seen.append(cursor.fetchone())

    job = run_now(enqueue(kind="tests.count_in_transaction", params={"upto": 2}), listener=look)

    assert job.state == JobState.SUCCEEDED
    assert seen[0] == ("running", 0)
    assert seen[-1] == ("running", 2)


@pytest.mark.django_db
def test_a_command_may_run_a_job_inside_a_transaction() -> None:
    job = run_now(enqueue(kind="tests.count", params={"upto": 2}))
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"counted": 2})

    failed = run_now(enqueue(kind="tests.break_the_database"))
    assert failed.state == JobState.FAILED
    with pytest.raises(JobUnavailable):
        run_now(job)


@pytest.mark.django_db(transaction=True)
def test_progress_is_written_at_most_five_times_a_second(announced: list[int]) -> None:
    seen: list[Progress] = []
    run_now(enqueue(kind="tests.count", params={"upto": 20_000}), listener=seen.append)

    assert seen[-1] == Progress("Comptage", 20_000, 20_000)
    assert len(seen) < 20


@pytest.mark.django_db(transaction=True)
def test_an_expected_failure_shows_its_french_reason(announced: list[int]) -> None:
    job = run_now(enqueue(kind="tests.refuse"))

    assert job.state == JobState.FAILED
    assert job.error == "Le fichier ne contient aucun élève."


@pytest.mark.django_db(transaction=True)
@pytest.mark.leaks_allowed
def test_an_unexpected_failure_gives_a_reference_and_quotes_no_data(
    announced: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """T-M1: neither the row nor the log repeats what the exception quotes."""
    job = run_now(enqueue(kind="tests.break_with_a_name"))

    reference = job.error.split("référence ")[1].split()[0]
    assert job.state == JobState.FAILED
    assert "Traceback" not in job.error
    assert reference in caplog.text
    assert "break_with_a_name" in caplog.text
    assert job_kinds.CANARY not in job.error + caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_check(
    announced: list[int],
) -> None:
    waiting = enqueue(kind="tests.count", params={"upto": 3})
    assert request_cancel(job=waiting)
    assert not run_job(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == JobState.CANCELLED

    running = enqueue(kind="tests.count_slowly", params={"upto": 1000})

    def cancel(progress: Progress) -> None:
        if progress.done:
            with job_kinds.other_connection() as cursor:
                cursor.execute("UPDATE jobs_job SET cancel_requested = true")

    ended = run_now(running, listener=cancel)
    assert ended.state == JobState.CANCELLED
    assert ended.done < 1000
    assert not request_cancel(job=ended)


@pytest.mark.django_db(transaction=True)
def test_a_failed_job_is_asked_again_as_a_new_row(announced: list[int]) -> None:
    failed = run_now(enqueue(kind="tests.refuse", school_uai="0541234A"))
    again = retry(job=failed, actor=None)

    assert (again.state, again.school_uai) == (JobState.QUEUED, "0541234A")
    assert again.uuid != failed.uuid
    with pytest.raises(ValueError, match="failed or cancelled"):
        retry(job=again, actor=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", [{"a": 1}, 1.5, b"x", "a\nb", "x" * 201, [["a"]], list(range(1001)), object()]
)
def test_parameters_are_identifiers_and_nothing_else(value: object) -> None:
    """Rule 15: the arguments of a task are ids only."""
    with pytest.raises(TypeError, match="parameter 'what'"):
        enqueue(kind="tests.count", params={"what": value})
    with pytest.raises(ValueError, match="lower case"):
        enqueue(kind="tests.count", params={"Élève": 1})
    with pytest.raises(LookupError):
        enqueue(kind="tests.unknown")


@pytest.mark.django_db(transaction=True)
def test_waiting_jobs_run_in_their_order_without_a_worker(announced: list[int]) -> None:
    jobs = [enqueue(kind="tests.count", params={"upto": n}) for n in (1, 2, 3)]

    assert run_queued() == 3
    finished = Job.objects.order_by("finished_at").values_list("pk", flat=True)
    assert list(finished) == [job.pk for job in jobs]


@pytest.mark.django_db
def test_without_a_broker_the_page_goes_on(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    """T-L4: the row waits for the sweeper."""

    def away(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("celery.current_app.send_task", away)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        job = enqueue(kind="tests.count", params={"upto": 1})
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert not connection.needs_rollback
