"""What the worker does for files."""

from uuid import UUID

from celery import shared_task
from django.urls import reverse

from ent.celery import every
from ent.files import handoff, services
from ent.jobs.context import JobContext
from ent.jobs.models import Job
from ent.jobs.registry import job_kind


def _download_page(job: Job) -> str:
    return reverse("files:download", args=[job.params["handoff"]])


@job_kind(
    handoff.HAND_OVER,
    label="Préparation du téléchargement",
    resumable=True,
    next_page=_download_page,
    next_words="Télécharger le fichier",
    is_next_automatic=False,
)
def hand_over(ctx: JobContext) -> None:
    """Hand a file over to the session that asked."""
    handoff.hand_over(handoff_uuid=UUID(ctx.params["handoff"]))


@shared_task(name="ent.files.delete_expired")
def delete_expired() -> None:
    """Destroy what is past its date."""
    while services.delete_expired_files():
        pass


every(900, "ent.files.delete_expired")
