"""Deposits of deliveries: uploaded files, kept encrypted until the import is over.

The files go from the upload straight into encrypted chunks (``ent.files``), so that any worker
machine can read them and nothing lies in clear on a disk; a worker copies them to a private folder
for the length of a run.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from directory.enums import FINAL_DELIVERY_STATES, DeliveryMode, DeliveryState
from directory.models.deliveries import Delivery
from directory.models.schools import Authority
from ent.audit.enums import Act
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.files.reading import read_file
from ent.files.services import delete_stored_file
from ent.files.writing import create_file
from ent.jobs.models import Job
from ent.jobs.services import enqueue
from ent.tabular.filenames import safe_file_name

PURPOSE = "directory-import"
IMPORT_AAF = "directory.import_aaf"
APPLICABLE = (DeliveryState.PREVIEWED, DeliveryState.HELD)


class NotWaiting(Exception):
    """The delivery waits for no such decision (any more): somebody else may have taken it."""


def job_of(delivery: Delivery) -> Job | None:
    """The last job that was asked for this delivery."""
    return Job.objects.filter(uuid=delivery.job_uuid).first() if delivery.job_uuid else None


def is_worked_on(delivery: Delivery, job: Job | None) -> bool:
    """Is a job at it? Once applied only upkeep runs, which nobody needs to watch."""
    return job is not None and job.is_live and delivery.state not in FINAL_DELIVERY_STATES


def can_be_applied(delivery: Delivery, job: Job | None) -> bool:
    """Its preview stands, its files are there, and nobody has asked for anything yet."""
    return (
        delivery.state in APPLICABLE and bool(delivery.uploads) and not is_worked_on(delivery, job)
    )


def can_be_previewed_again(delivery: Delivery, job: Job | None) -> bool:
    """Its job stopped before it came to anything: the files are there, « Relancer » helps."""
    return (
        delivery.state not in (*FINAL_DELIVERY_STATES, *APPLICABLE)
        and bool(delivery.uploads)
        and not is_worked_on(delivery, job)
    )


@contextmanager
def _decided(
    delivery: Delivery, *conditions: Callable[[Delivery, Job | None], bool]
) -> Iterator[Delivery]:
    """Lock the delivery's row for one decision: of two operators, the second finds it taken."""
    with transaction.atomic():
        locked = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("authority")
            .get(pk=delivery.pk)
        )
        job = job_of(locked)
        if not any(condition(locked, job) for condition in conditions):
            raise NotWaiting
        yield locked


def deposit(
    *, authority: Authority, files: Sequence[UploadedFile[Any]], actor: UUID, origin: Origin
) -> Delivery:
    """Keep the uploaded files, journal it, and ask for their preview."""
    with transaction.atomic():
        delivery = Delivery.objects.create(
            authority=authority,
            mode=DeliveryMode.COMPLETE,
            label=", ".join(str(file.name) for file in files)[:200],
            started_by=actor,
        )
        for file in files:
            name = safe_file_name(str(file.name))[-150:]
            with create_file(
                name=name,
                media_type="application/octet-stream",
                purpose=PURPOSE,
                authority_code=authority.code,
            ) as out:
                for chunk in file.chunks():
                    out.write(chunk)
            delivery.uploads.append({"name": name, "file": str(out.file.uuid)})
        record(
            act=Act.IMPORT_RECEIVED,
            actor=actor,
            authority_code=authority.code,
            origin=origin,
            details={"delivery": str(delivery.uuid), "count": len(files)},
        )
        _ask(delivery, actor=actor, label=_preview_label(authority), apply=False)
    return delivery


def ask_application(*, delivery: Delivery, actor: UUID, token: str, origin: Origin) -> None:
    """Ask for the application; *token* confirms the departures of the preview, if any are held.

    Raises :class:`NotWaiting` when the delivery does not wait for it any more.
    """
    with _decided(delivery, can_be_applied) as locked:
        _record_start(locked, actor, origin, kind="application")
        if locked.state == DeliveryState.HELD and token:
            locked.confirmed_by = actor
        _ask(
            locked,
            actor=actor,
            label=f"Import de la livraison de {locked.authority.code}",
            apply=True,
            token=token,
        )


def ask_preview_again(*, delivery: Delivery, actor: UUID, origin: Origin) -> None:
    """Ask for another preview of files whose job stopped. Raises :class:`NotWaiting`.

    Also after an application that failed: what it would do now is read and confirmed again.
    """
    with _decided(delivery, can_be_previewed_again) as locked:
        locked.state = DeliveryState.RECEIVED
        locked.save(update_fields=["state"])
        _record_start(locked, actor, origin, kind="preview")
        _ask(locked, actor=actor, label=_preview_label(locked.authority), apply=False)


def _record_start(delivery: Delivery, actor: UUID, origin: Origin, *, kind: str) -> None:
    record(
        act=Act.IMPORT_STARTED,
        actor=actor,
        authority_code=delivery.authority.code,
        origin=origin,
        details={"delivery": delivery.uuid, "kind": kind},
    )


def _preview_label(authority: Authority) -> str:
    return f"Aperçu de la livraison de {authority.code}"


def _ask(delivery: Delivery, *, actor: UUID, label: str, apply: bool, token: str = "") -> None:
    job = enqueue(
        kind=IMPORT_AAF,
        params={"delivery": delivery.uuid, "apply": apply, "token": token},
        actor=actor,
        label=label,
        authority_code=delivery.authority.code,
    )
    delivery.job_uuid = job.uuid
    delivery.save(update_fields=["job_uuid", "uploads", "confirmed_by"])


def abandon(*, delivery: Delivery, actor: UUID, origin: Origin) -> None:
    """Close a delivery that nobody wants to apply; its files are destroyed.

    Raises :class:`NotWaiting` when it is being applied, or over.
    """
    with _decided(delivery, can_be_applied, can_be_previewed_again) as locked:
        locked.state = DeliveryState.ABANDONED
        locked.save(update_fields=["state"])
        discard_files(locked)
        record(
            act=Act.IMPORT_CANCELLED,
            actor=actor,
            authority_code=locked.authority.code,
            origin=origin,
            details={"delivery": locked.uuid},
        )


def discard_files(delivery: Delivery) -> None:
    """Destroy the files of a delivery that is over."""
    for upload in delivery.uploads:
        delete_stored_file(uuid=UUID(upload["file"]))
    delivery.uploads = []
    delivery.save(update_fields=["uploads"])


@contextmanager
def deposited_files(delivery: Delivery) -> Iterator[list[Path]]:
    """The files of a delivery in a private folder, which goes with the block (worker)."""
    parent = Path(settings.VAR_DIR) / "imports"
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix="depot-", dir=parent))
    try:
        paths: list[Path] = []
        for number, upload in enumerate(delivery.uploads):
            target = folder / f"{number:04d}" / upload["name"]
            target.parent.mkdir(mode=0o700)
            stored = StoredFile.objects.get(uuid=upload["file"])
            with target.open("xb") as out:
                for block in read_file(stored):
                    out.write(block)
            paths.append(target)
        yield paths
    finally:
        shutil.rmtree(folder, ignore_errors=True)
