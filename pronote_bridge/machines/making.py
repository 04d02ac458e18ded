"""The export that a machine asked for: made like any other, its key sealed to the secrets."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from ent.files.reading import file_key
from ent.jobs.context import JobContext
from ent.jobs.errors import JobFailed
from ent.sealing.wrapping import wrap
from pronote_bridge.exports.making import make_export
from pronote_bridge.exports.models import Export
from pronote_bridge.machines.models import MachineAccess, MachineFileKey, MachineSecret

MAKE_MACHINE_EXPORT: Final = "pronote_bridge.make_machine_export"
_CLOSED: Final = "L’accès des machines à cette instance est fermé. Rien n’a été fait."


def make_machine_export(ctx: JobContext) -> None:
    """Make the file, then let the machine open it; a job that begins again only does the rest."""
    export = Export.objects.select_related("instance").get(uuid=UUID(ctx.params["export"]))
    opened = MachineAccess.objects.filter(instance=export.instance, is_open=True)
    if export.instance.withdrawn_at is not None or not opened.exists():
        raise JobFailed(_CLOSED)
    make_export(ctx)
    export.refresh_from_db()
    stored = export.stored_file()
    if stored is None:
        return
    key = file_key(stored)
    MachineFileKey.objects.bulk_create(
        [
            MachineFileKey(
                export=export,
                secret=secret,
                wrapped_key=wrap(
                    key,
                    public_key=bytes(secret.public_key),
                    context=seal_context(export, secret),
                ),
            )
            for secret in MachineSecret.objects.alive().filter(instance=export.instance)
        ],
        ignore_conflicts=True,
    )


def seal_context(export: Export, secret: MachineSecret) -> bytes:
    """What a sealed key is bound to: this file, this secret."""
    return (export.stored_uuid or UUID(int=0)).bytes + secret.uuid.bytes
