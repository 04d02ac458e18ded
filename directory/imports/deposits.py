"""Deposits of deliveries: uploaded files, kept encrypted until the import is over.

The files go from the upload straight into encrypted chunks (``ent.files``), so that any worker
machine can read them and nothing lies in clear on a disk; a worker copies them to a private folder
for the length of a run.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from directory.imports.enums import DeliveryMode, DeliveryState
from directory.imports.models import Delivery
from directory.models import Authority
from ent.audit.enums import Act
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.files.reading import read_file
from ent.files.services import delete_stored_file
from ent.files.writing import create_file
from ent.jobs.services import enqueue
from ent.tabular.filenames import safe_file_name

PURPOSE = "directory-import"
IMPORT_AAF = "directory.import_aaf"
OPEN_STATES = (DeliveryState.RECEIVED, DeliveryState.PREVIEWED, DeliveryState.HELD)


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
        _ask(
            delivery, actor=actor, label=f"Aperçu de la livraison de {authority.code}", apply=False
        )
    return delivery


def ask_application(*, delivery: Delivery, actor: UUID, token: str, origin: Origin) -> None:
    """Ask for the application; *token* confirms the departures of the preview, if any are held."""
    with transaction.atomic():
        record(
            act=Act.IMPORT_STARTED,
            actor=actor,
            authority_code=delivery.authority.code,
            origin=origin,
            details={"delivery": str(delivery.uuid)},
        )
        if delivery.state == DeliveryState.HELD and token:
            delivery.confirmed_by = actor
        _ask(
            delivery,
            actor=actor,
            label=f"Import de la livraison de {delivery.authority.code}",
            apply=True,
            token=token,
        )


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
    """Close a delivery that nobody wants to apply; its files are destroyed."""
    with transaction.atomic():
        delivery.state = DeliveryState.ABANDONED
        delivery.save(update_fields=["state"])
        discard_files(delivery)
        record(
            act=Act.IMPORT_CANCELLED,
            actor=actor,
            authority_code=delivery.authority.code,
            origin=origin,
            details={"delivery": str(delivery.uuid)},
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
