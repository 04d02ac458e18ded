"""What the guichet's worker does."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.conf import settings

from ent.celery import every
from ent.jobs.context import JobContext
from ent.jobs.registry import job_kind
from guichet.assistance.expiry import expire_keys
from guichet.assistance.notices import KIND, send_notice
from guichet.lost import services as lost
from guichet.my_address import services as my_address
from guichet.seed_files import services as seed_files

GUICHET_REALM = "guichet"
EXPIRE = "guichet.expire_keys"


@job_kind(KIND, label="Avis à un agent", resumable=True, realm=GUICHET_REALM)
def tell_owner(ctx: JobContext) -> None:
    """Mail one notice; a mail whose end nobody saw is not sent twice."""
    send_notice(UUID(str(ctx.params["agent"])), str(ctx.params["what"]))


@job_kind(lost.UID_KIND, label="Envoi d’identifiants", resumable=True, realm=GUICHET_REALM)
def mail_uids(ctx: JobContext) -> None:
    """Mail the identifiers of an address; nothing when it is nobody's."""
    is_personal = bool(ctx.params["is_personal"])
    lost.mail_uids(list(ctx.params["agents"]), is_personal=is_personal, job=ctx.uuid)


@job_kind(lost.LINK_KIND, label="Lien de mot de passe", resumable=True, realm=GUICHET_REALM)
def mail_link(ctx: JobContext) -> None:
    """Mail a link that sets a password; nothing where no address may be used."""
    lost.mail_link(list(ctx.params["agents"]), job=ctx.uuid)


@job_kind(my_address.KIND, label="Confirmation d’une adresse", resumable=True, realm=GUICHET_REALM)
def mail_address_check(ctx: JobContext) -> None:
    """Mail the link that confirms a personal address."""
    my_address.mail_check(list(ctx.params["agents"]), job=ctx.uuid)


@job_kind(seed_files.READ_KIND, label="Lecture de clés OTP", resumable=True, realm=GUICHET_REALM)
def read_seeds(ctx: JobContext) -> None:
    """Read an uploaded file of seeds."""
    seed_files.preview(ctx)


@job_kind(seed_files.IMPORT_KIND, label="Import de clés OTP", resumable=True, realm=GUICHET_REALM)
def import_seeds(ctx: JobContext) -> None:
    """Create the keys of a confirmed file, then wipe it."""
    seed_files.import_seeds(ctx)


@shared_task(name=EXPIRE)
def expire() -> None:
    """Close keys past their date, and rescue passwords past their day; wipe what was left."""
    expire_keys()
    seed_files.wipe_abandoned()


if settings.PREAU_REALM == GUICHET_REALM:
    every(900, EXPIRE)
