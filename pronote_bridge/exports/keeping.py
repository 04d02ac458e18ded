"""What is kept of exports: the history for ever, who was in them as long as it serves."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from ent.audit.services import record
from ent.files.models import StoredFile
from pronote_bridge.exports.models import Export, ExportedPerson
from pronote_bridge.instances.models import Instance
from pronote_bridge.journal import PronoteAct
from sso.models import ServiceIdentifier

#: A differential starts from one of these at most.
MOST_BASES: Final = 10
_NEVER_FETCHED: Final = timedelta(hours=25)


def note_downloaded(stored: StoredFile, by: UUID) -> None:
    """A file left whole: Pronote may know what it holds, and a differential may start from it."""
    export = Export.objects.of_stored(stored.uuid).select_related("instance").first()
    if export is not None:
        mark_downloaded(export, by=by)


def mark_downloaded(export: Export, *, by: UUID) -> None:
    """Write when the file left whole, once; *by*: a person, or the instance whose machine it is."""
    now = timezone.now()
    if not Export.objects.filter(pk=export.pk, downloaded_at__isnull=True).update(
        downloaded_at=now
    ):
        return
    record(
        act=PronoteAct.EXPORT_DOWNLOADED,
        actor=by,
        school_uai=export.instance.key_school.uai,
        details={"export": export.uuid, "instance": export.instance.uuid},
    )


def bases_of(instance_id: int) -> list[Export]:
    """The exports from which a differential may start, newest first."""
    return list(Export.objects.downloaded().filter(instance=instance_id)[:MOST_BASES])


def forget_old_people(instance_id: int) -> None:
    """Delete who was in exports from which nothing will start again."""
    kept = [base.pk for base in bases_of(instance_id)]
    stale = Q(downloaded_at__isnull=False) | Q(created_at__lt=timezone.now() - _NEVER_FETCHED)
    old = Export.objects.filter(instance=instance_id).filter(stale).exclude(pk__in=kept)
    ExportedPerson.objects.filter(export__in=old).delete()


def count_unknown(instance: Instance) -> int:
    """How many people have an identifier that no downloaded file held yet."""
    known = ExportedPerson.objects.filter(
        export__service=instance.service_id, export__downloaded_at__isnull=False
    )
    return (
        ServiceIdentifier.objects.filter(
            service=instance.service_id, is_current=True, person__left_at__isnull=True
        )
        .exclude(person__in=known.values("person"))
        .count()
    )
