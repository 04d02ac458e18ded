"""Credential files: one school, and all of them, against a bare csv.writer with decryption."""

from __future__ import annotations

import csv
import os
import resource
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account
from bench.lines import Line, median_of_three, timed
from credentials.making import PURPOSE
from credentials.models import CredentialFile
from credentials.rows import HEADER, Selection, Tally, read_rows
from directory.models import School
from ent.files.writing import create_file
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_job
from ent.tabular.delimited import CONTENT_TYPE, DelimitedWriter

_FILES_MEASURED = 20


def measure_files() -> list[Line]:
    """The jobs that the import wrote, run as the worker does."""
    peer = _bare_rate()
    csv_rows, csv_seconds = _csv_rate()
    one_school, both_rows, both_seconds = _run_jobs()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    csv_rate = csv_rows / csv_seconds
    return [
        Line(
            work="credential file of one school, CSV and XLSX",
            ours=f"{one_school:.2f} s",
            compare=one_school,
            compare_unit="s",
            goal=2,
            at_least=False,
        ),
        Line(
            work="credential files of many schools, CSV",
            peer=f"{peer:,.0f} rows/s (bare)",
            ours=f"{csv_rate:,.0f} rows/s",
            compare=csv_rate / peer,
            goal=0.6,
        ),
        Line(
            work=f"the same with the XLSX twin ({both_rows / both_seconds:,.0f} rows/s): memory",
            ours=f"{memory:.0f} MB",
            compare=memory,
            compare_unit="MB",
            goal=300,
            at_least=False,
        ),
    ]


def _bare_rate() -> float:
    """PostgreSQL → AES-GCM → csv.writer, with the same columns and nothing else."""
    key = AESGCM(os.urandom(32))
    nonce = bytes(12)
    box = key.encrypt(nonce, b"abcdefghjkmn", b"account")
    columns = (
        "uuid",
        "person__profile",
        "person__given_name",
        "person__family_name",
        "login",
        "person__address",
        "person__postal_code",
        "person__town",
        "person__email",
        "activation_code__box",
    )
    count = min(Account.objects.count(), 50_000)

    def work() -> None:
        sink = csv.writer(_Sink(), delimiter=";")
        rows: Any = Account.objects.values_list(*columns)[:count].iterator(chunk_size=2_000)
        for row in rows:
            code = key.decrypt(nonce, box, b"account").decode()
            sink.writerow((*row[:-1], code))

    with transaction.atomic():
        return count / median_of_three(work)


class _Sink:
    """Encodes and forgets: what happens to the bytes is no part of the floor."""

    def write(self, text: str, /) -> int:
        return len(text.encode())


def _selections() -> list[Selection]:
    schools = School.objects.active().select_related("authority").order_by("uai")
    return [
        Selection(
            school_id=school.pk,
            authority_id=school.authority_id,
            authority_code=school.authority.code,
            uai=school.uai,
        )
        for school in schools[:_FILES_MEASURED]
    ]


def _csv_rate() -> tuple[int, float]:
    """Ours, CSV alone: rows with classes, children and join key, encrypted into PostgreSQL."""
    tally = Tally()

    def work() -> None:
        for selection in _selections():
            with (
                transaction.atomic(),
                create_file(
                    name="banc.csv",
                    media_type=CONTENT_TYPE,
                    purpose=PURPOSE,
                    school_uai=selection.uai,
                ) as out,
            ):
                writer = DelimitedWriter(out.write, header=HEADER)
                for block in read_rows(selection, now=timezone.now(), tally=tally):
                    writer.write_rows(block)
                writer.close()

    seconds = timed(work)
    return tally.accounts, seconds


def _run_jobs() -> tuple[float, int, float]:
    """Seconds of the first school's job, then rows and seconds of many."""
    jobs = list(Job.objects.filter(state=JobState.QUEUED).order_by("id")[: _FILES_MEASURED + 1])
    first = timed(lambda: run_job(jobs[0].pk))
    seconds = timed(lambda: [run_job(job.pk) for job in jobs[1:]])
    done = Job.objects.filter(pk__in=[job.pk for job in jobs], state=JobState.SUCCEEDED)
    if len(done) != len(jobs):
        raise RuntimeError("a job of the bench did not end well")
    made = CredentialFile.objects.filter(job_uuid__in=[job.uuid for job in jobs[1:]])
    rows = sum(file.account_count for file in made)
    connection.close()
    return first, rows, seconds
