"""What passes by itself is waited for and said: no room, no database, no broker."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine
from celery import Celery
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.db.utils import OperationalError
from django.test import Client
from kombu.exceptions import OperationalError as BrokerError
from pytest_django.fixtures import Settings

from ent.database.patience import patience
from ent.files.models import StoredFile
from ent.files.purposes import register_purpose
from ent.files.writing import FileWriter, create_file
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_job
from ent.jobs.services import enqueue
from ent.jobs.sweeper import sweep
from ent.outages.causes import Outage, outage_of
from tests.cast import Cast, verified_client
from tests.ent import job_kinds
from tests.kit.outages import close_breakers

#: What PostgreSQL answers, by a trigger: the true errors, on the true way up.
_REFUSE = """
CREATE TABLE marks (attempt integer);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER refusing BEFORE INSERT ON marks FOR EACH ROW EXECUTE FUNCTION refuse()
"""
WRITE = f"tests.{job_kinds.write_a_mark.__name__}"
_ALLOW = "DROP TRIGGER IF EXISTS refusing ON marks"
_CLEAN = "DROP TABLE IF EXISTS marks; DROP FUNCTION IF EXISTS refuse"


@contextmanager
def refusing(code: str) -> Iterator[None]:
    """A table that takes nothing, for the reason of that code, until the end."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE.format(code=code))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_CLEAN)


def statement(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def mails_told() -> int:
    for thread in threading.enumerate():
        if thread.name == "outage":
            thread.join(10)
    return len(mail.outbox)


def over(job: Job) -> None:
    """Let the wait of a held job be over."""
    statement("UPDATE jobs_job SET not_before = clock_timestamp()")
    job.refresh_from_db()


# --- which errors pass ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "outage"),
    [
        (psycopg.errors.DiskFull(), Outage.SPACE),
        (OSError(errno.ENOSPC, "x"), Outage.SPACE),
        (OSError(errno.EDQUOT, "x"), Outage.SPACE),
        (psycopg.errors.ReadOnlySqlTransaction(), Outage.READ_ONLY),
        (psycopg.errors.LockNotAvailable(), Outage.BUSY),
        (psycopg.errors.DeadlockDetected(), Outage.BUSY),
        (psycopg.errors.QueryCanceled(), Outage.BUSY),
        (psycopg.errors.AdminShutdown(), Outage.DATABASE),
        (psycopg.errors.CannotConnectNow(), Outage.DATABASE),
        (psycopg.errors.TooManyConnections(), Outage.DATABASE),
        (psycopg.OperationalError("connection lost"), Outage.DATABASE),
        (OperationalError("connection lost"), Outage.DATABASE),
        (BrokerError(), Outage.BROKER),
        (ConnectionRefusedError(), Outage.NETWORK),
        (TimeoutError(), Outage.NETWORK),
        (socket.gaierror(), Outage.NETWORK),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.UndefinedTable(), None),
        (psycopg.errors.StatementTooComplex(), None),
        (FileNotFoundError(), None),
        (PermissionError(errno.EACCES, "x"), None),
        (ValueError(), None),
    ],
)
def test_each_error_passes_or_is_a_fault(failure: Exception, outage: Outage | None) -> None:
    assert outage_of(failure) is outage


def test_what_was_being_handled_does_not_excuse_a_fault() -> None:
    fault = ValueError("our own")
    fault.__context__ = ConnectionRefusedError()
    assert outage_of(fault) is None


@pytest.mark.django_db(transaction=True)
def test_an_error_about_a_broken_transaction_is_what_broke_it() -> None:
    with refusing("53100"):
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            try:
                statement("INSERT INTO marks VALUES (1)")
            except DatabaseError:
                statement("SELECT 1")
        assert outage_of(caught.value) is Outage.SPACE


# --- work that waits -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_copy", [False, True])
def test_work_without_room_waits_and_goes_on_by_itself(
    by_copy: bool, settings: Settings, client: Client
) -> None:
    """Psycopg's own `DiskFull` out of a COPY is the same as Django's."""
    settings.ADMINS = [("", "exploitation@example.org")]
    with refusing("53100"):
        job = enqueue(kind=WRITE, params={"by_copy": by_copy})
        assert run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.held_by, job.finished_at) == (JobState.QUEUED, "space", None)
        assert "n’a plus de place" in job.held_words
        assert not run_job(job.pk), "not before its wait is over"

        health = client.get("/sante/")
        assert (health.status_code, health.json()["espace"]) == (503, "plus de place")
        assert client.get("/sante/pages/").status_code == 200
        assert mails_told() == 1

        waits = []
        for _ in range(5):  # more often than it has attempts
            over(job)
            assert run_job(job.pk)
            job.refresh_from_db()
            assert job.not_before is not None
            waits.append(round((job.not_before - (job.started_at or job.created_at)).seconds))
        assert job.state == JobState.QUEUED
        assert waits == [15, 30, 30, 30, 30], "seconds, then half a minute"
        assert mails_told() == 1, "told once"

        statement(_ALLOW)
        over(job)
        assert sweep().woken == 1
        assert run_job(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.SUCCEEDED
        assert client.get("/sante/").json()["espace"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_work_that_has_waited_for_a_day_says_why_it_ends() -> None:
    with refusing("53100"):
        job = enqueue(kind=WRITE)
        run_job(job.pk)
        over(job)
        statement("UPDATE jobs_job SET held_since = held_since - interval '25 hours'")
        run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "n’a plus de place" in job.error
    assert "inattendue" not in job.error


@pytest.mark.django_db(transaction=True)
def test_a_lock_of_somebody_else_costs_an_attempt() -> None:
    with refusing("40P01"):
        job = enqueue(kind=WRITE)
        for _ in range(3):
            run_job(job.pk)
            over(job)
    assert (job.state, job.attempts) == (JobState.FAILED, 3)


@pytest.mark.django_db(transaction=True)
def test_the_end_of_an_archive_does_not_hide_what_broke_it() -> None:
    register_purpose("tests", may_download=lambda file, person: False)
    with refusing("53100"):
        with (
            pytest.raises(DatabaseError) as caught,
            create_file(name="a.zip", media_type="application/zip", purpose="tests") as out,
            closing_with(out, b"the end of an archive" * 100_000),
        ):
            statement("INSERT INTO marks VALUES (1)")
        assert isinstance(caught.value.__cause__, psycopg.errors.DiskFull)
        assert outage_of(caught.value) is Outage.SPACE
    assert not StoredFile.objects.exists()


@contextmanager
def closing_with(out: FileWriter, end: bytes) -> Iterator[None]:
    """As `zipfile` does: whatever happens, the end is written."""
    try:
        yield
    finally:
        out.write(end)


# --- pages ---------------------------------------------------------------------------------------


_REFUSE_WRITES = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER refusing BEFORE UPDATE ON signin_session
   FOR EACH ROW EXECUTE FUNCTION refuse()
"""
_LET_WRITE = "DROP TRIGGER refusing ON signin_session; DROP FUNCTION refuse"
_MINUTES_AGO = "UPDATE signin_session SET last_seen_at = last_seen_at - interval '5 minutes'"


@pytest.mark.django_db(transaction=True)
def test_a_page_without_room_says_so(cast: Cast) -> None:
    client = verified_client(cast.manager_a)
    client.raise_request_exception = False
    statement(_MINUTES_AGO)
    statement(_REFUSE_WRITES.format(code="53100"))
    try:
        response = client.get("/accueil/")
    finally:
        statement(_LET_WRITE)
    text = response.content.decode()
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert "Le serveur n’a plus de place pour enregistrer." in text
    assert client.get("/accueil/").status_code == 200


@contextmanager
def read_only_database() -> Iterator[None]:
    """As after a failover: whoever connects may only read."""
    name = connection.settings_dict["NAME"]
    statement(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    connection.close()
    try:
        yield
    finally:
        connection.close()
        statement("SET default_transaction_read_only = off")
        statement(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_reading_goes_on_while_the_database_takes_no_writes(cast: Cast) -> None:
    client = verified_client(cast.manager_a)
    client.raise_request_exception = False
    statement(_MINUTES_AGO)
    with read_only_database():
        for path in ("/", "/connexion/", "/accueil/", "/annuaire/"):
            assert client.get(path, follow=True).status_code == 200, path
        health = client.get("/sante/")
        assert (health.status_code, health.json()["base"]) == (503, "lecture seule")
        assert Client().get("/sante/").json()["base"] == "lecture seule"
        assert client.get("/sante/pages/").status_code == 200
        response = client.post("/deconnexion/")
        assert response.status_code == 503
        assert "ne peut rien enregistrer" in response.content.decode()
    assert client.post("/deconnexion/").status_code in (302, 303)


@contextmanager
def hanging_server() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_hangs_costs_a_page_its_patience_and_the_next_nothing(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    settings.DATABASE_PAGE_SECONDS = 2
    connection.close()
    with hanging_server() as port:
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setattr(
            "ent.embedded.base.DatabaseWrapper.get_connection_params",
            lambda self: {"host": "127.0.0.1", "port": port, "dbname": "x", "user": "x"},
        )
        durations = []
        for path in ("/connexion/", "/connexion/", "/sante/", "/sante/pages/"):
            begun = time.monotonic()
            response = client.get(path)
            durations.append(time.monotonic() - begun)
            assert response.status_code == 503, path
            if path == "/connexion/":
                assert "<h1>Service indisponible</h1>" in response.content.decode()
        assert client.get("/static/css/none.css").status_code in (200, 404)
    assert durations[0] < 3.5
    assert durations[1] < 0.5, "the silence is remembered"
    assert durations[2] < 2
    assert durations[3] < 2


@pytest.mark.django_db(transaction=True)
def test_a_statement_of_a_page_ends_with_its_patience(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection of a page that waited for a lock serves the next page."""
    client.raise_request_exception = False
    settings.DATABASE_PAGE_SECONDS = 2
    connection.close()
    client.get("/connexion/")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("1600ms",)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_costs_one_page_a_second_and_loses_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T-L4: the sweeper finds the row."""
    with hanging_server() as port, monkeypatch.context() as patch:
        hung = Celery("hung", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
        patch.setattr("ent.jobs.waking.current_app", hung)
        patch.setattr("ent.web.health.current_app", hung)
        begun = time.monotonic()
        jobs = [enqueue(kind="tests.nothing") for _ in range(6)]
        assert time.monotonic() - begun < 2.5, "one waits, the others do not"

        begun = time.monotonic()
        health = client.get("/sante/")
        assert time.monotonic() - begun < 2
        assert (health.status_code, health.json()["file"]) == (503, "indisponible")
        assert client.get("/sante/pages/").status_code == 200
    close_breakers()
    statement("UPDATE jobs_job SET woken_at = woken_at - interval '1 minute'")
    assert sweep().woken == len(jobs)


# --- clocks --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hours", [-3, 3])
def test_a_process_whose_clock_is_wrong_ends_no_session(cast: Cast, hours: int) -> None:
    """Sessions are as old as the database says, on whichever process they are read."""
    client = verified_client(cast.manager_a)
    connection.close()
    with time_machine.travel(datetime.now(tz=UTC) + timedelta(hours=hours)):
        assert client.get("/accueil/").status_code == 200
        assert client.get("/annuaire/").status_code == 200
        health = Client().get("/sante/")
        assert (health.status_code, health.json()["horloge"]) == (503, "décalée")
        its_own = verified_client(cast.manager_b)
    connection.close()
    for one in (client, its_own):
        assert one.get("/accueil/").status_code == 200
    assert Client().get("/sante/").json()["horloge"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_a_server_that_stops_in_the_middle_of_an_answer_is_left_in_time() -> None:
    """A connection that was opened before the server hung: only our side can end the wait."""
    statement("SELECT 1")
    begun = time.monotonic()
    with patience(1), pytest.raises(OperationalError) as caught:
        statement("SELECT pg_sleep(20)")
    assert time.monotonic() - begun < 3
    assert outage_of(caught.value) is Outage.DATABASE
    with patience(1), pytest.raises(OperationalError):
        connection.close()
        statement("SELECT 1")  # the silence is remembered
    close_breakers()
    with patience(5):
        connection.close()
        statement("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_work_in_the_background_waits_as_long_as_it_takes() -> None:
    statement("SELECT pg_sleep(0.3)")
    with patience(0.1), pytest.raises(OperationalError):
        statement("SELECT pg_sleep(0.3)")
    close_breakers()
    connection.close()
    with patience(0.1), patience(None):
        statement("SELECT pg_sleep(0.3)")
