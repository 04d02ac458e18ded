"""What the list of printings shows beside each: its job, and whether its bytes are still there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localtime

from credentials.enums import FileState
from credentials.slips.making import TRANSLITERATED
from credentials.slips.models import SlipPrinting
from credentials.slips.paper import on_paper
from credentials.slips.services import MAKE_SLIPS
from directory.rights.actors import Actor
from directory.rights.acts import Act
from directory.rights.walls import visible_persons
from ent.files.models import StoredFile
from ent.jobs.models import Job


@dataclass(frozen=True, slots=True)
class ListedPrinting:
    """A printing and its job; ``state`` is one of pret, attente, echec, efface."""

    printing: SlipPrinting
    job: Job | None
    is_stored: bool
    transliterated: tuple[tuple[str, str], ...] = ()
    """Who stands on paper in other letters: the true name, the printed one."""

    @property
    def state(self) -> str:
        """The state that the row shows."""
        if self.printing.state == FileState.READY:
            return "pret" if self.is_stored else "efface"
        return "echec" if self.printing.has_failed(self.job) else "attente"

    @property
    def reason(self) -> str:
        """Why the making failed, in the words of the job."""
        return self.job.error if self.job is not None else ""

    @property
    def about(self) -> str:
        """What tells this row's buttons from those of the others, for a screen reader."""
        return f"{self.printing.words} du {localtime(self.printing.created_at):%d/%m/%Y %H:%M}"


def listed_printings(printings: Iterable[SlipPrinting], *, actor: Actor) -> list[ListedPrinting]:
    """Join jobs, stored bytes and names to the printings of a page, whatever its length."""
    found = list(printings)
    wanted_jobs = [printing.job_uuid for printing in found]
    jobs = {job.uuid: job for job in Job.objects.filter(uuid__in=wanted_jobs)}
    wanted = [printing.stored_uuid for printing in found if printing.stored_uuid]
    alive = set(StoredFile.objects.alive().filter(uuid__in=wanted).values_list("uuid", flat=True))
    names = _transliterated(jobs.values(), actor)
    return [
        ListedPrinting(
            printing=printing,
            job=jobs.get(printing.job_uuid),
            is_stored=printing.stored_uuid in alive,
            transliterated=names.get(printing.job_uuid, ()),
        )
        for printing in found
    ]


def _transliterated(
    jobs: Iterable[Job], actor: Actor
) -> Mapping[UUID, tuple[tuple[str, str], ...]]:
    """Return by job the names that paper writes otherwise, of people whom the actor still sees."""
    wanted = {job.uuid: job.result.get(TRANSLITERATED, []) for job in jobs}
    accounts = {account for ids in wanted.values() for account in ids}
    if not accounts:
        return {}
    people = visible_persons(actor, Act.SLIPS).filter(account__in=accounts).in_name_order()
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for person, account in (
        (person, person.account.pk) for person in people.select_related("account")
    ):
        for job, ids in wanted.items():
            if account in ids:
                name = person.full_name
                found[job].append((name, on_paper(name)))
    return {job: tuple(names) for job, names in found.items()}


def count_printings_in_preparation(printings: QuerySet[SlipPrinting]) -> int:
    """Return how many of the printings wait for a job that lives: one query."""
    live = Job.objects.live().of_kind(MAKE_SLIPS)
    return printings.filter(state=FileState.WAITING, job_uuid__in=live.values("uuid")).count()
