"""What the list of files shows beside each file: how its job is doing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.timezone import localtime

from credentials.enums import FileState
from credentials.models import CredentialFile
from credentials.services.files import MAKE_FILE
from ent.jobs.models import Job


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file and its job; ``state`` is one of pret, attente, echec, efface."""

    file: CredentialFile
    job: Job | None

    @property
    def state(self) -> str:
        """The state that the row shows."""
        if self.file.is_ready:
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


def with_jobs(files: Iterable[CredentialFile]) -> list[ListedFile]:
    """Join the jobs of the files that still wait: one query for a page."""
    listed = list(files)
    waiting = [file.job_uuid for file in listed if file.generated_at is None]
    jobs = {job.uuid: job for job in Job.objects.filter(uuid__in=waiting)} if waiting else {}
    return [ListedFile(file=file, job=jobs.get(file.job_uuid)) for file in listed]


def count_in_preparation(files: QuerySet[CredentialFile]) -> int:
    """Return how many of the files wait for a job that lives: one query."""
    live = Job.objects.live().of_kind(MAKE_FILE)
    return files.filter(state=FileState.WAITING, job_uuid__in=live.values("uuid")).count()
