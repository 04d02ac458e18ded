"""The end of files, and their keys under a new key of the worker."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.audit.enums import Act
from ent.audit.services import record
from ent.files.models import FileHandoff, StoredFile
from ent.files.reading import file_key
from ent.sealing.keys import KEY_ID_BYTES, KeyRole, current_key
from ent.sealing.wrapping import wrap_for_worker

_BATCH = 100


def delete_stored_file(*, uuid: UUID) -> bool:
    """Destroy the key and the chunks of a file (T-F13); False when it was gone already.

    The caller journals the act: only it knows what the file was to people.
    """
    deleted, _ = StoredFile.objects.filter(uuid=uuid).delete()
    return bool(deleted)


def delete_expired_files() -> int:
    """Destroy the files that are past their date and the hand-offs nobody came for."""
    count = 0
    for file in StoredFile.objects.expired().order_by("id")[:_BATCH]:
        with transaction.atomic():
            if delete_stored_file(uuid=file.uuid):  # another sweep may have been faster
                record(
                    act=Act.FILE_EXPIRED,
                    school_uai=file.school_uai,
                    authority_code=file.authority_code,
                    details={"file": file.uuid, "kind": file.purpose, "bytes": file.size},
                )
        count += 1
    FileHandoff.objects.filter(expires_at__lte=timezone.now()).delete()
    return count


def reseal_file_keys() -> int:
    """Seal again, under the worker's current key, the keys of files that are under a former one."""
    current = current_key(KeyRole.FILE_WRAP_PUBLIC).id
    count = 0
    for file in StoredFile.objects.order_by("id").iterator(chunk_size=500):
        if bytes(file.wrapped_key)[:KEY_ID_BYTES] == current:
            continue
        former = bytes(file.wrapped_key)
        wrapped = wrap_for_worker(file_key(file), context=file.uuid.bytes)
        # Conditional: the file may have gone meanwhile, or another run may have been here.
        count += StoredFile.objects.filter(pk=file.pk, wrapped_key=former).update(
            wrapped_key=wrapped
        )
    return count
