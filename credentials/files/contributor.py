"""What an import sets off: one file per school that received accounts, in its transaction.

Registered at the extension point of the directory (``directory.imports.contributors``). Only rows
are written: a file row and a job row per school; workers make the files after the commit.
"""

from __future__ import annotations

import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import AccountKind
from credentials.enums import FileOrigin
from credentials.files.models import CredentialFile, file_name
from credentials.files.services import MAKE_FILE
from directory.imports.contributors import Contributor
from directory.imports.sql.loader import SqlFolder
from ent.jobs.models import Job
from ent.jobs.registry import get_kind
from ent.jobs.waking import wake_worker

if TYPE_CHECKING:
    from directory.imports.runs.state import ImportRun

_BATCH = 1_000

_SQL = SqlFolder(Path(__file__).parent / "sql", vocabularies=(AccountKind,))


class CredentialFilesContributor(Contributor):
    """Joins imports: ``announce`` writes the files to be made."""

    name = "credentials"

    def announce(self, run: ImportRun) -> dict[str, int]:
        """Write the rows; return how many files there will be."""
        return {"credential_files": request_files_of_import(delivery_uuid=run.delivery.uuid)}


def request_files_of_import(*, delivery_uuid: uuid.UUID | None) -> int:
    """Write a file and a job for each school in which this transaction created accounts.

    Three statements, whatever the number of schools. Workers are told after the commit; the
    sweeper finds whatever was not told.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL.query("import_files", "schools"))
        schools = cursor.fetchall()
    kind = get_kind(MAKE_FILE)
    now = timezone.now()
    jobs, files = [], []
    for school_id, uai, count, first, last in schools:
        file_uuid = uuid.uuid4()
        job = Job(
            kind=kind.name,
            label=f"Fichier des identifiants, {uai}",
            params={"file": str(file_uuid)},
            school_uai=uai,
            max_attempts=kind.max_attempts,
            woken_at=now,
        )
        jobs.append(job)
        files.append(
            CredentialFile(
                uuid=file_uuid,
                school_id=school_id,
                origin=FileOrigin.IMPORT,
                delivery_uuid=delivery_uuid,
                created_from=first,
                created_until=last,
                account_count=count,
                name=file_name(uai),
                job_uuid=job.uuid,
            )
        )
    Job.objects.bulk_create(jobs, batch_size=_BATCH)
    CredentialFile.objects.bulk_create(files, batch_size=_BATCH)
    for job in jobs:
        transaction.on_commit(partial(wake_worker, job.pk), robust=True)
    return len(files)
