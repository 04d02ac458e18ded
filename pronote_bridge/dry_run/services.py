"""Asking for dry runs, saying what columns hold, and the end of what was deposited."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from directory.models import Person
from ent.audit.origin import Origin
from ent.audit.services import record
from ent.files.models import StoredFile
from ent.files.writing import create_file
from ent.jobs.models import Job
from ent.jobs.services import enqueue, request_cancel
from ent.tabular.filenames import safe_file_name
from pronote_bridge.dry_run.counting import waiting_numbers
from pronote_bridge.dry_run.enums import ListColumn, RunState
from pronote_bridge.dry_run.journal import DryRunAct
from pronote_bridge.dry_run.models import LIFETIME, ColumnMapping, DryRun, DryRunLine, DryRunList
from pronote_bridge.dry_run.perms import LIST_PURPOSE
from pronote_bridge.dry_run.reading.headers import has_names, recognise
from pronote_bridge.enums import ListKind
from pronote_bridge.instances.models import Instance

COMPARE: Final = "pronote_bridge.compare_lists"
_MEDIA_TYPE: Final = "application/octet-stream"
_BATCH: Final = 20


class ListsGone(Exception):
    """The deposited lists are past their day: they have to be deposited again."""


@transaction.atomic
def request_dry_run(
    *,
    instance: Instance,
    files: Mapping[ListKind, UploadedFile[Any]],
    actor: Person,
    at: Origin | None = None,
) -> DryRun:
    """Keep the lists, encrypted, and ask for their comparison with the file of *instance*."""
    now = timezone.now()
    run_uuid = uuid.uuid4()
    dry_run = DryRun.objects.create(
        uuid=run_uuid,
        instance=instance,
        requested_by=actor.uuid,
        job_uuid=_ask(run_uuid, instance, actor).uuid,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    for kind, file in files.items():
        DryRunList.objects.create(
            dry_run=dry_run,
            kind=kind,
            file_name=safe_file_name(file.name or "", fallback=kind.value),
            stored_uuid=_kept(file, instance),
        )
    record(
        act=DryRunAct.REQUESTED,
        actor=actor.uuid,
        school_uai=instance.key_school.uai,
        origin=at,
        details={"instance": instance.uuid, "lists": [kind.value for kind in files]},
    )
    return dry_run


@transaction.atomic
def correct_columns(
    *,
    source: DryRunList,
    columns: Sequence[ListColumn | None],
    actor: Person,
    at: Origin | None = None,
) -> DryRun:
    """Remember what the columns of these titles hold, and compare everything again.

    Raises `ListsGone` when the deposited lists are not there any more.
    """
    dry_run = _locked_with_lists(source.dry_run)
    instance = dry_run.instance
    ColumnMapping.objects.update_or_create(
        instance=instance,
        kind=source.kind,
        header_digest=bytes(source.header_digest),
        defaults={
            "columns": [column or "" for column in columns],
            "corrected_by": actor.uuid,
            "corrected_at": timezone.now(),
        },
    )
    _ask_again(dry_run, actor)
    record(
        act=DryRunAct.COLUMNS_CORRECTED,
        actor=actor.uuid,
        school_uai=instance.key_school.uai,
        origin=at,
        details={"instance": instance.uuid, "kind": source.kind},
    )
    return dry_run


@transaction.atomic
def try_again(*, dry_run: DryRun, actor: Person, at: Origin | None = None) -> DryRun:
    """Compare once more the lists of a dry run whose job failed; one that is done is left alone.

    Raises `ListsGone` when the deposited lists are not there any more.
    """
    locked = _locked_with_lists(dry_run)
    if not locked.has_failed(Job.objects.filter(uuid=locked.job_uuid).first()):
        return locked
    _ask_again(locked, actor)
    record(
        act=DryRunAct.REQUESTED,
        actor=actor.uuid,
        school_uai=locked.instance.key_school.uai,
        origin=at,
        details={"instance": locked.instance.uuid},
    )
    return locked


def journal_export(
    *,
    dry_run: DryRun,
    count: int,
    file_format: str,
    actor: Person,
    at: Origin | None = None,
) -> None:
    """Note that the result was saved as a file: it names people."""
    record(
        act=DryRunAct.EXPORTED,
        actor=actor.uuid,
        school_uai=dry_run.instance.key_school.uai,
        origin=at,
        details={"instance": dry_run.instance.uuid, "count": count, "format": file_format},
    )


@transaction.atomic
def delete_dry_run(*, dry_run: DryRun, actor: Person, at: Origin | None = None) -> None:
    """Delete a dry run with its lists and lines now; pairs made by hand stay."""
    for job in Job.objects.live().filter(uuid=dry_run.job_uuid):
        request_cancel(job=job)
    locked = DryRun.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
    delete_files(locked)
    record(
        act=DryRunAct.DELETED,
        actor=actor.uuid,
        school_uai=dry_run.instance.key_school.uai,
        origin=at,
        details={"instance": dry_run.instance.uuid},
    )
    locked.delete()


def delete_files(dry_run: DryRun) -> None:
    """Delete the deposited lists of a dry run."""
    # The row of a stored file holds its key: with the row, every copy of the bytes is closed.
    stored = dry_run.lists.exclude(stored_uuid=None).values_list("stored_uuid", flat=True)
    StoredFile.objects.filter(uuid__in=list(stored)).delete()


def erase_old_lines() -> int:
    """Erase the files and lines of dry runs whose day has passed; return how many there were."""
    count = 0
    for dry_run in DryRun.objects.over().order_by("pk")[:_BATCH]:
        with transaction.atomic():
            locked = DryRun.objects.select_for_update(of=("self",)).get(pk=dry_run.pk)
            delete_files(locked)
            waiting = waiting_numbers(locked)
            for source in locked.lists.all():
                source.counts |= waiting.get(source.pk, {})
                source.stored_uuid, source.samples = None, []
                _forget_header(source)
                source.save()
            DryRunLine.objects.of_run(locked).delete()
            locked.state = RunState.ERASED
            locked.save(update_fields=["state"])
        count += 1
    return count


def _forget_header(source: DryRunList) -> None:
    """Empty a header whose words are no known titles: in a list without any, it is a person."""
    if not has_names(recognise(source.header, ListKind(source.kind))):
        source.header, source.header_digest, source.columns = [], b"", []


def _ask(run_uuid: uuid.UUID, instance: Instance, actor: Person) -> Job:
    return enqueue(
        kind=COMPARE,
        params={"run": run_uuid},
        actor=actor.uuid,
        school_uai=instance.key_school.uai,
    )


def _ask_again(dry_run: DryRun, actor: Person) -> None:
    dry_run.state, dry_run.finished_at = RunState.WAITING, None
    dry_run.job_uuid = _ask(dry_run.uuid, dry_run.instance, actor).uuid
    dry_run.requested_by = actor.uuid
    dry_run.save(update_fields=["state", "finished_at", "job_uuid", "requested_by"])


def _locked_with_lists(dry_run: DryRun) -> DryRun:
    """Lock a dry run whose deposited lists are all there, or raise `ListsGone`."""
    locked = (
        DryRun.objects.select_for_update(of=("self",))
        .select_related("instance__key_school")
        .get(pk=dry_run.pk)
    )
    stored = locked.lists.values_list("stored_uuid", flat=True)
    if StoredFile.objects.alive().filter(uuid__in=stored).count() < len(stored):
        raise ListsGone
    return locked


def _kept(file: UploadedFile[Any], instance: Instance) -> uuid.UUID:
    with create_file(
        name="liste",
        media_type=_MEDIA_TYPE,
        purpose=LIST_PURPOSE,
        school_uai=instance.key_school.uai,
        lifetime=LIFETIME,
    ) as out:
        for chunk in file.chunks():
            out.write(chunk)
    return out.file.uuid
