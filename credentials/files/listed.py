"""What the list of files shows beside each file: its job, and whether its bytes are still there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from credentials.enums import FileState
from credentials.files.models import CredentialFile
from credentials.files.services import MAKE_FILE
from ent.files.models import StoredFile
from ent.jobs.models import Job


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file and its job; ``state`` is one of pret, attente, echec, efface."""

    file: CredentialFile
    job: Job | None
    is_stored: bool = True

    @property
    def state(self) -> str:
        """The state that the row shows; a file whose bytes are past their date opens no more."""
        if self.file.is_ready and self.is_stored:
            return "pret"
        if self.file.generated_at is not None:
            return "efface"
        return "echec" if self.file.has_failed(self.job) else "attente"

    @property
    def words(self) -> str:
        """What tells this row's buttons from those of the others, for a screen reader."""
        if self.file.generated_at is None:
            return self.file.name
        return f"{self.file.name} du {localtime(self.file.generated_at):%d/%m/%Y %H:%M}"

    @property
    def reason(self) -> str:
        """Why the making failed, in the words of the job."""
        return self.job.error if self.job is not None else ""

    @property
    def made_again_by(self) -> str:
        """Address of the form that makes it again, filled in with its school and its date."""
        chosen = {"perimetre": self.file.school.uai}
        if self.file.since is not None:
            chosen["date"] = self.file.since.isoformat()
        return f"{reverse('credentials:regenerate')}?{urlencode(chosen)}"


def listed(files: Iterable[CredentialFile]) -> list[ListedFile]:
    """Join jobs and stored bytes to the files of a page: two queries, whatever its length.

    Bytes are asked for by their date, not by their row: a sweep deletes them some minutes after
    nobody may open them any more.
    """
    found = list(files)
    waiting = [file.job_uuid for file in found if file.generated_at is None]
    jobs = {job.uuid: job for job in Job.objects.filter(uuid__in=waiting)} if waiting else {}
    wanted = [uuid for file in found for uuid in (file.csv_uuid, file.xlsx_uuid) if uuid]
    alive = set(StoredFile.objects.alive().filter(uuid__in=wanted).values_list("uuid", flat=True))
    return [
        ListedFile(
            file=file,
            job=jobs.get(file.job_uuid),
            is_stored={file.csv_uuid, file.xlsx_uuid} <= alive,
        )
        for file in found
    ]


def count_in_preparation(files: QuerySet[CredentialFile]) -> int:
    """Return how many of the files wait for a job that lives: one query."""
    live = Job.objects.live().of_kind(MAKE_FILE)
    return files.filter(state=FileState.WAITING, job_uuid__in=live.values("uuid")).count()
