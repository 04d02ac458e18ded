"""Asking for credential files, and deleting them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from credentials.codes.issuing import cancel_codes
from credentials.days import start_of_day
from credentials.enums import FileOrigin, FileState
from credentials.files.models import CredentialFile, file_name
from credentials.wording import of_deletion
from directory.models import Person, School
from ent.audit.enums import Act
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.jobs.models import Job
from ent.jobs.services import enqueue, request_cancel, retry

MAKE_FILE = "credentials.make_file"
_ACTS = {
    FileOrigin.REGENERATION: Act.FILES_REGENERATED,
    FileOrigin.REISSUE: Act.CODES_REISSUED,
}


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion did."""

    name: str
    cancelled_codes: int

    @property
    def sentence(self) -> str:
        """What the page says of it."""
        return of_deletion(self.name, self.cancelled_codes)


@transaction.atomic
def request_files(
    *,
    schools: Sequence[School],
    since: date | None,
    origin: FileOrigin,
    actor: Person,
    at: Origin | None = None,
) -> list[CredentialFile]:
    """Ask for the file of each school; the caller has checked the actor's right on all of them.

    All or nothing: one transaction holds every file, its job and its line of the journal.
    """
    now = timezone.now()
    return [
        _request_file(school=school, since=since, origin=origin, actor=actor, at=at, now=now)
        for school in schools
    ]


def _request_file(
    *,
    school: School,
    since: date | None,
    origin: FileOrigin,
    actor: Person,
    at: Origin | None,
    now: datetime,
) -> CredentialFile:
    file_uuid = uuid.uuid4()
    job = enqueue(
        kind=MAKE_FILE,
        params={"file": file_uuid},
        actor=actor.uuid,
        label=f"Fichier des identifiants, {school.uai}",
        school_uai=school.uai,
    )
    file = CredentialFile.objects.create(
        uuid=file_uuid,
        school=school,
        origin=origin,
        requested_by=actor.uuid,
        since=since,
        created_from=None if since is None else start_of_day(since),
        created_until=now,
        name=file_name(school.uai),
        job_uuid=job.uuid,
    )
    record(
        act=_ACTS[origin],
        actor=actor.uuid,
        school_uai=school.uai,
        origin=at,
        details={"file": file.uuid, "since": since},
    )
    return file


@transaction.atomic
def try_again(*, file: CredentialFile, actor: Person, at: Origin | None = None) -> Job:
    """Ask again for a file whose job failed; the former job stays as it ended."""
    file = CredentialFile.objects.select_for_update().get(pk=file.pk)
    job = Job.objects.get(uuid=file.job_uuid)
    if not file.has_failed(job):
        return job
    fresh = retry(job=job, actor=actor.uuid)
    file.job_uuid = fresh.uuid
    file.requested_by = actor.uuid
    file.save(update_fields=["job_uuid", "requested_by"])
    record(
        act=Act.FILES_REGENERATED,
        actor=actor.uuid,
        school_uai=file.school.uai,
        origin=at,
        details={"file": file.uuid, "job": fresh.uuid},
    )
    return fresh


@transaction.atomic
def delete_file(
    *,
    file: CredentialFile,
    is_cancelling_codes: bool,
    actor: Person,
    at: Origin | None = None,
) -> Deletion:
    """Delete a file: bytes and keys go now, the line of the journal stays (T-F13).

    With *is_cancelling_codes* the codes that it printed die too, those issued since excepted.
    """
    for job in Job.objects.live().filter(uuid=file.job_uuid):
        request_cancel(job=job)
    file = (
        CredentialFile.objects.select_for_update(of=("self",))
        .select_related("school__authority")
        .get(pk=file.pk)
    )
    cancelled = 0
    if is_cancelling_codes and file.generated_at is not None:
        cancelled = cancel_codes(selection=file.selection, printed_at=file.generated_at)
    # The row of a stored file holds its key: with the row, every copy of the bytes is closed.
    StoredFile.objects.filter(uuid__in=[file.csv_uuid, file.xlsx_uuid]).delete()
    file.csv_uuid = file.xlsx_uuid = None
    file.state = FileState.DELETED
    file.deleted_at = timezone.now()
    file.save(update_fields=["csv_uuid", "xlsx_uuid", "state", "deleted_at"])
    record(
        act=Act.FILE_DELETED,
        actor=actor.uuid,
        school_uai=file.school.uai,
        origin=at,
        details={"file": file.uuid, "count": cancelled},
    )
    return Deletion(name=file.name, cancelled_codes=cancelled)
