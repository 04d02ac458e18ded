"""Making an export, in the worker: one state of the directory, one encrypted file, one transaction.

The clear document exists only piece by piece in memory; the file is checked whole before its row
appears. A failure, a cancellation or kill -9 leaves nothing: the job begins again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from ent.audit.services import record
from ent.files.models import StoredFile
from ent.files.reading import read_file
from ent.files.writing import create_file
from ent.jobs.context import JobContext
from ent.jobs.errors import JobFailed
from pronote_bridge.enums import EnvelopeKind, ExportState, ListKind
from pronote_bridge.exports.keeping import forget_old_people
from pronote_bridge.exports.models import Export
from pronote_bridge.exports.perms import may_still_export
from pronote_bridge.format.checking import SchemaBroken, check_outer
from pronote_bridge.format.envelopes import write_file
from pronote_bridge.format.rows import Header
from pronote_bridge.instances.models import Instance
from pronote_bridge.journal import PronoteAct
from pronote_bridge.population.identifiers import make_identifiers
from pronote_bridge.population.snapshot import (
    BLOCK_ROWS,
    IdentifierMissing,
    count_rows,
    fill_rows,
    read_lists,
    snapshot,
)
from pronote_bridge.population.statements import folder
from pronote_bridge.population.writable import writable
from pronote_bridge.vendor.models import VendorPartner
from pronote_bridge.vendor.services import vendor_key, vendor_partner

PURPOSE: Final = "pronote"
LIFETIME: Final = timedelta(hours=24)
_MEDIA_TYPE: Final = "application/xml"
_SQL: Final = folder(Path(__file__).parent / "sql")
#: How often identifiers are made again for people who arrive meanwhile.
_TRIES: Final = 5
_NO_VENDOR: Final = (
    "La clé publique ou les réglages de l’éditeur manquent. Un administrateur ENT les complète"
    " dans « Pronote », « Éditeur » ; relancez ensuite l’export."
)
_NO_RIGHT: Final = (
    "Vous n’administrez plus tous les établissements de cette instance. Rien n’a été fait."
)
_ARRIVALS: Final = (
    "Des personnes arrivent en ce moment dans l’annuaire (une alimentation est en cours)."
    " Relancez l’export quand elle sera finie."
)
_NOBODY: Final = (
    "Personne ne peut figurer dans ce fichier : le rapport dit qui est laissé de côté et pourquoi."
)
_BROKEN: Final = (
    "Le fichier ne suit pas le format de l’éditeur ; il n’a pas été gardé. Communiquez ce message"
    " à l’assistance : "
)


def make_export(ctx: JobContext) -> None:
    """Make the file that the job names; one that is ready is left alone."""
    export = Export.objects.select_related("instance").get(uuid=UUID(ctx.params["export"]))
    for _ in range(_TRIES):
        ctx.progress("Identifiants")
        make_identifiers(export.instance)
        try:
            write_export(ctx, export.pk)
        except IdentifierMissing:
            continue
        return
    raise JobFailed(_ARRIVALS)


def write_export(ctx: JobContext, key: int) -> None:
    """Write the file and what it leaves behind for the next differential, or nothing."""
    with snapshot():
        export = (
            Export.objects.select_for_update(of=("self",))
            .select_related("instance__key_school__authority", "instance__service", "base")
            .get(pk=key)
        )
        if export.state != ExportState.WAITING:
            return
        check_right(export)
        partner = vendor_partner()
        if not partner.is_complete:
            raise JobFailed(_NO_VENDOR)
        ctx.progress("Lecture de l’annuaire")
        counts = _choose_rows(export)
        export.exported_at = timezone.localtime().replace(microsecond=0)
        stored = _write(ctx, export, partner, counts, export.exported_at)
        _complete(export, partner, stored, counts)
    ctx.result({"persons": export.person_count, "bytes": export.size})


def check_right(export: Export) -> None:
    """Ask again for the right of the person who asked; a machine's was asked with its secret."""
    asked_by = export.requested_by
    if asked_by is not None and not may_still_export(asked_by, export.instance):
        raise JobFailed(_NO_RIGHT)


def _choose_rows(export: Export) -> Mapping[ListKind, int]:
    """Read everybody, and keep what this export is to say."""
    fill_rows(export.instance)
    if export.base is not None:
        with connection.cursor() as cursor:
            for query in ("keep differences", "keep whom they refer to"):
                cursor.execute(_SQL.query("differences", query), {"base": export.base.pk})
    counts = count_rows()
    if export.base is None and not any(counts.values()):
        raise JobFailed(_NOBODY)
    return counts


def _write(
    ctx: JobContext,
    export: Export,
    partner: VendorPartner,
    counts: Mapping[ListKind, int],
    at: datetime,
) -> StoredFile:
    """Write the encrypted file and read it again: nothing that breaks a schema is ever given."""
    instance, progress = export.instance, _Progress(ctx, sum(counts.values()))
    try:
        with create_file(
            name=f"{instance.key_school.uai}.xml",
            media_type=_MEDIA_TYPE,
            purpose=PURPOSE,
            school_uai=instance.key_school.uai,
            authority_code=instance.key_school.authority.code,
            lifetime=LIFETIME,
        ) as out:
            write_file(
                out.write,
                kind=EnvelopeKind(export.envelope),
                header=header_of(instance, partner, at),
                lists=read_lists(instance, note=progress.next_block),
                public_key=vendor_key(partner).rsa,
            )
        ctx.progress("Vérification du fichier")
        if export.envelope == EnvelopeKind.VENDOR:
            check_outer(read_file(out.file))
    except SchemaBroken as breach:
        raise JobFailed(f"{_BROKEN}{breach}") from None
    return out.file


def header_of(instance: Instance, partner: VendorPartner, at: datetime) -> Header:
    """What stands at the root of both layers."""
    return Header(
        partner_id=writable(partner.partner_id),
        partner_name=writable(partner.partner_name),
        exported_at=at,
        uai=instance.key_school.uai,
        version=writable(partner.container_version),
        description=writable(instance.name),
    )


def _complete(
    export: Export, partner: VendorPartner, stored: StoredFile, counts: Mapping[ListKind, int]
) -> None:
    """Write the row's end, everybody's digest and the journal's line."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL.query("differences", "remember"), {"export": export.pk})
    export.service = export.instance.service
    export.staff_count, export.teacher_count = counts[ListKind.STAFF], counts[ListKind.TEACHERS]
    export.guardian_count, export.pupil_count = counts[ListKind.GUARDIANS], counts[ListKind.PUPILS]
    export.fingerprint = partner.fingerprint
    export.sha256, export.size = stored.sha256.hex(), stored.size
    export.stored_uuid, export.state = stored.uuid, ExportState.READY
    export.save()
    forget_old_people(export.instance_id)
    record(
        act=PronoteAct.EXPORT_MADE,
        actor=export.requested_by or export.instance.uuid,
        school_uai=export.instance.key_school.uai,
        authority_code=export.instance.key_school.authority.code,
        details={
            "export": export.uuid,
            "instance": export.instance.uuid,
            "count": export.person_count,
            "envelope": export.envelope,
            "scope": export.scope,
        },
    )


class _Progress:
    """Counts blocks of rows for the page that watches, and stops a job that was cancelled."""

    def __init__(self, ctx: JobContext, total: int) -> None:
        self._ctx = ctx
        self._total = total
        self._done = 0

    def next_block(self) -> None:
        """One more block of rows is about to be written."""
        self._ctx.check_cancelled()
        self._ctx.progress("Écriture du fichier", done=self._done, total=self._total)
        self._done = min(self._total, self._done + BLOCK_ROWS)
