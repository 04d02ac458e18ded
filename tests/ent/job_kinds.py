"""Kinds of jobs that the tests run, here and in processes of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ent.database.copying import copy_lines
from ent.jobs.attempt import open_side_connection
from ent.jobs.context import JobContext
from ent.jobs.errors import JobFailed
from ent.jobs.models import Job
from ent.jobs.registry import job_kind

CANARY = "Zébulon-Canari"


@contextmanager
def other_connection() -> Iterator[CursorWrapper]:
    """A cursor that sees what another process would see."""
    link = open_side_connection()
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


@job_kind("tests.count", label="Comptage")
def count(ctx: JobContext) -> dict[str, object]:
    """Count, as fast as possible."""
    upto = int(ctx.params["upto"])
    ctx.progress("Comptage", total=upto)
    for number in range(upto):
        ctx.progress(done=number + 1)
    return {"counted": upto}


@job_kind("tests.count_slowly", label="Comptage lent", resumable=True)
def count_slowly(ctx: JobContext) -> None:
    """Count, twenty a second, until somebody asks to stop."""
    upto = int(ctx.params["upto"])
    for number in range(upto):
        ctx.progress("Comptage", done=number + 1, total=upto)
        ctx.check_cancelled()
        sleep(0.05)


@job_kind("tests.count_once_slowly", label="Comptage unique")
def count_once_slowly(ctx: JobContext) -> None:
    """Count, but never twice."""
    count_slowly(ctx)


@job_kind("tests.count_in_transaction", label="Comptage dans une transaction")
def count_in_transaction(ctx: JobContext) -> None:
    """Count inside one transaction that has written something."""
    with transaction.atomic():
        Job.objects.create(kind="tests.count", label="écrit et non visible", max_attempts=1)
        ctx.progress("Comptage", total=int(ctx.params["upto"]))
        for number in range(int(ctx.params["upto"])):
            sleep(0.25)
            ctx.progress(done=number + 1)


@job_kind("tests.refuse", label="Refus")
def refuse(ctx: JobContext) -> None:
    """Fail as foreseen."""
    raise JobFailed("Le fichier ne contient aucun élève.")


@job_kind("tests.break_with_a_name", label="Erreur")
def break_with_a_name(ctx: JobContext) -> None:
    """Fail as nobody foresaw, quoting somebody's name."""
    raise ValueError(CANARY)


@job_kind("tests.break_the_database", label="Erreur de base")
def break_the_database(ctx: JobContext) -> None:
    """Leave the transaction aborted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")


@job_kind("tests.leave_a_mark", label="Une marque", resumable=True)
def leave_a_mark(ctx: JobContext) -> None:
    """Write one row per execution, slowly enough for two workers to meet."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS marks (attempt integer)")
        cursor.execute("INSERT INTO marks VALUES (%s)", [ctx.attempt])
    ctx.progress("Marque posée")
    sleep(float(ctx.params.get("seconds", 0)))


@job_kind("tests.nothing", label="Rien")
def nothing(ctx: JobContext) -> None:
    """Succeed."""


@job_kind("tests.write_a_mark", label="Une ligne", resumable=True)
def write_a_mark(ctx: JobContext) -> None:
    """Write one row into a table that a test made, by COPY when it says so."""
    with transaction.atomic(), connection.cursor() as cursor:
        if ctx.params.get("by_copy"):
            copy_lines(connection.connection, "marks", [str(ctx.attempt)])
        else:
            cursor.execute("INSERT INTO marks VALUES (%s)", [ctx.attempt])
