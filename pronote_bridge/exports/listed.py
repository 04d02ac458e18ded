"""What the history shows beside each export: its job, and whether its bytes are still there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from directory.models import Person
from ent.files.models import StoredFile
from ent.jobs.models import Job
from pronote_bridge.enums import ExportState
from pronote_bridge.exports.models import Export


@dataclass(frozen=True, slots=True)
class ListedExport:
    """An export and its job; ``state`` is one of pret, attente, echec, donne, efface."""

    export: Export
    job: Job | None
    is_stored: bool
    asked_by: str

    @property
    def state(self) -> str:
        """The state that the row shows."""
        if self.export.state == ExportState.READY:
            if self.is_stored:
                return "pret"
            return "donne" if self.export.downloaded_at is not None else "efface"
        return "echec" if self.export.has_failed(self.job) else "attente"

    @property
    def reason(self) -> str:
        """Why the making failed, in the words of the job."""
        return self.job.error if self.job is not None else ""


def listed(exports: Iterable[Export]) -> list[ListedExport]:
    """Join jobs, stored bytes and names to the exports of a page: three statements."""
    found = list(exports)
    waiting = [one.job_uuid for one in found if one.state == ExportState.WAITING]
    jobs = {job.uuid: job for job in Job.objects.filter(uuid__in=waiting)}
    stored = [one.stored_uuid for one in found if one.stored_uuid is not None]
    alive = set(StoredFile.objects.alive().filter(uuid__in=stored).values_list("uuid", flat=True))
    people = Person.objects.filter(uuid__in=[one.requested_by for one in found if one.requested_by])
    names = {person.uuid: person.full_name for person in people}
    return [
        ListedExport(
            export=one,
            job=jobs.get(one.job_uuid),
            is_stored=one.stored_uuid in alive,
            asked_by=names.get(one.requested_by, "Une personne partie depuis")
            if one.requested_by is not None
            else "La machine de l’instance",
        )
        for one in found
    ]
