"""What the worker does for credential files, mailings, and what was forgotten."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.urls import reverse

from credentials.files import making
from credentials.files.services import MAKE_FILE
from credentials.links import services as links
from credentials.lost import services as lost
from credentials.mailing import sending, trials
from credentials.mailing import services as campaigns
from credentials.openings.services import forget_old_openings
from credentials.perms import may_still_handle_files
from credentials.slips import making as slips_making
from credentials.slips.services import MAKE_SLIPS
from directory.models import School
from ent.celery import every
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


@job_kind(lost.ANSWER, label="Réponse à une demande de secours", resumable=True)
def answer_lost(ctx: JobContext) -> None:
    """Answer one « Mot de passe oublié » or « Identifiant oublié ».

    The result says nothing: whether a mail left is nobody's business.
    """
    lost.answer(request_uuid=UUID(ctx.params["request"]))


@job_kind(campaigns.SEND_TRIAL, label="Essai de diffusion", resumable=True)
def send_trial(ctx: JobContext) -> None:
    """Send one mail of a mailing to its author."""
    trials.send_trial(trial_uuid=UUID(ctx.params["trial"]))


ANSWER_LATE = "credentials.answer_late"
PURGE_LINKS = "credentials.purge_links"


@shared_task(name=ANSWER_LATE)
def answer_late() -> None:
    """Try again the answers that no mail server took."""
    lost.answer_late()


@shared_task(name=PURGE_LINKS)
def purge_links() -> None:
    """Delete the links that ended."""
    while links.delete_old_links():
        pass


CLEAR_ADDRESSES = "credentials.clear_mailing_addresses"


@shared_task(name=campaigns.DELIVER)
def deliver() -> None:
    """Send what is due for a minute, then make room for other work."""
    if sending.run_round():
        campaigns.publish()


@shared_task(name=CLEAR_ADDRESSES)
def clear_mailing_addresses() -> None:
    """Forget the addresses of mailings that ended long ago."""
    campaigns.clear_old_addresses()


FORGET_OPENINGS = "credentials.forget_openings"


@shared_task(name=FORGET_OPENINGS)
def forget_openings() -> None:
    """Forget who opened how many codes, a month later."""
    forget_old_openings()


every(20, campaigns.DELIVER)
every(86_400, CLEAR_ADDRESSES)
every(300, ANSWER_LATE)
every(86_400, FORGET_OPENINGS)
every(3600, PURGE_LINKS)
