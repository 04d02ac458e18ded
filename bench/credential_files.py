"""Credential files: one school, and all of them, against a bare csv.writer that opens the boxes."""

from __future__ import annotations

import csv
import os
import resource
import statistics
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from accounts.models import Account, SealingBatchRow
from bench.lines import Line, median_of_three, timed
from bench.together import run_together
from credentials.models import CredentialFile
from ent.jobs.enums import JobState
from ent.jobs.models import Job
from ent.jobs.running import run_job
from ent.sealing.boxes import BoxOpener

_FILES_MEASURED = 20
_WORKERS = 2
"""As many as there are cores; the product starts one more."""
_BARE_ROWS = 50_000
_BARE_COLUMNS = (
    "uuid",
    "person__profile",
    "person__given_name",
    "person__family_name",
    "login",
    "person__address",
    "person__postal_code",
    "person__town",
    "person__email",
    "activation_code__generation",
    "activation_code__batch_id",
    "activation_code__box",
)
_NONCE = bytes(12)


def measure_files() -> list[Line]:
    """The jobs that the import wrote, run as the worker does."""
    floor, aes_only = _bare_rate()
    alone, together = _csv_rate(1), _csv_rate(_WORKERS)
    one_school, both_rows, both_seconds = _run_jobs()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
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
            work="credential files of many schools, CSV, two workers",
            floor=f"{floor:,.0f} rows/s (boxes opened)",
            peer=f"{aes_only:,.0f} rows/s (AES only)",
            ours=f"{together:,.0f} rows/s (one worker {alone:,.0f}, {alone / floor:.2f} ×)",
            compare=together / floor,
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


def _bare_rate() -> tuple[float, float]:
    """Rows per second of the floor, and of the same with one AES-GCM key instead of the boxes.

    Floor: nine columns of each account that has a code, read by ``values_list().iterator()``, its
    sealed box opened with `BoxOpener` in the order of the sealing, one `csv.writer`. No class, no
    child, no join key, order or escape, and what is written is not encrypted.
    """
    boxed: Any = Account.objects.filter(activation_code__isnull=False).order_by("pk")
    count = min(boxed.count(), _BARE_ROWS)
    rows = boxed.values_list(*_BARE_COLUMNS)[:count]
    key = AESGCM(os.urandom(32))
    box = key.encrypt(_NONCE, b"abcdefghjkmn", b"account")

    def open_boxes() -> None:
        batches = SealingBatchRow.objects.values_list("pk", "header")
        openers = {batch: BoxOpener(header) for batch, header in batches}
        sink = csv.writer(_Sink(), delimiter=";")
        for *values, generation, batch, sealed in rows.iterator(chunk_size=2_000):
            code = openers[batch].open(sealed, account=values[0], generation=generation)
            sink.writerow((*values, code.decode()))

    def decrypt_only() -> None:
        sink = csv.writer(_Sink(), delimiter=";")
        for *values, _, _, _ in rows.iterator(chunk_size=2_000):
            sink.writerow((*values, key.decrypt(_NONCE, box, b"account").decode()))

    with transaction.atomic():
        return count / median_of_three(open_boxes), count / median_of_three(decrypt_only)


class _Sink:
    """Encodes and forgets: what happens to the bytes is no part of the floor."""

    def write(self, text: str, /) -> int:
        return len(text.encode())


def _csv_rate(processes: int) -> float:
    """Ours, CSV alone: rows per second of so many workers at once, median of three."""
    return statistics.median(_one_rate(processes) for _ in range(3))


def _one_rate(processes: int) -> float:
    arguments = [[str(processes), str(rank)] for rank in range(processes)]
    answers = [answer.split() for answer in run_together("bench.files_worker", arguments)]
    return sum(int(rows) for rows, _ in answers) / max(float(took) for _, took in answers)


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
