"""What the worker does for credential files."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from credentials import making
from credentials.perms import may_still_handle_files
from credentials.services.files import MAKE_FILE
from credentials.services.slips import MAKE_SLIPS
from credentials.slips import making as slips_making
from directory.models import School
from ent.jobs.context import JobContext
from ent.jobs.models import Job
from ent.jobs.registry import job_kind


def _may_watch(job: Job, person_uuid: UUID) -> bool:
    """Whoever handles the files of the school may follow the making of one."""
    school = School.objects.filter(uai=job.school_uai).first()
    return school is not None and may_still_handle_files(person_uuid, school)


def _list_page(job: Job) -> str:
    return reverse("credentials:files")


@job_kind(
    MAKE_FILE,
    label="Fichier des identifiants",
    resumable=True,
    may_watch=_may_watch,
    next_page=_list_page,
)
def make_file(ctx: JobContext) -> None:
    """Make one file of one school."""
    making.make_file(ctx)


def _slips_page(job: Job) -> str:
    return reverse("credentials:slips")


@job_kind(MAKE_SLIPS, label="Fiches et lettres", resumable=True, next_page=_slips_page)
def make_slips(ctx: JobContext) -> None:
    """Make one printing of slips or letters."""
    slips_making.make_slips(ctx)
