"""Receiving a file of seeds, reading it, importing it, wiping it."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.utils import timezone

from ent.audit.origin import Origin
from ent.jobs.context import JobContext
from ent.jobs.services import enqueue
from ent.sealing.keys import KEY_ID_BYTES, KeyRole, current_key, key_by_id
from ent.sealing.wrapping import unwrap, wrap
from guichet import journal
from guichet.agents.models import AcademicCredential
from guichet.authority.models import Guichet
from guichet.enums import KeyEvent, SeedImportState
from guichet.journal import GuichetAct
from guichet.keys.models import KeyAct, OtpKey
from guichet.keys.seeds import seal_seed
from guichet.seed_files.faults import UnreadableFile
from guichet.seed_files.models import OVER, SeedImport
from guichet.seed_files.reading import Rules, Seed, SeedFile, read_seeds

READ_KIND: Final = "guichet.read_seeds"
IMPORT_KIND: Final = "guichet.import_seeds"
_MOST_FAULTS: Final = 1000
_CHUNK: Final = 500
_NONCE: Final = bytes(12)  # the key of each file serves once
_WRAPPED_BYTES: Final = KEY_ID_BYTES + 32 + 32 + 16


@transaction.atomic
def receive_file(
    content: bytes,
    *,
    transport: str,
    interval: int | None,
    guichet: Guichet,
    actor: AcademicCredential,
) -> SeedImport:
    """Seal file and transport key at once, and ask for the preview. Nothing is read here."""
    received = SeedImport(
        authority=guichet.authority,
        interval_seconds=interval,
        uploaded_by=actor,
        uploaded_at=timezone.now(),
    )
    received.sealed = _seal(received.uuid, content, transport)
    job = enqueue(
        kind=READ_KIND,
        params={"seed_import": received.uuid},
        actor=actor.uuid,
        authority_code=guichet.authority.code,
    )
    received.job = job.uuid
    received.save()
    return received


def preview(ctx: JobContext) -> None:
    """Read the file and keep what there is to say of it; a file that cannot be read is wiped."""
    found = SeedImport.objects.select_related("authority").get(uuid=ctx.params["seed_import"])
    if found.state != SeedImportState.RECEIVED:
        return
    ctx.progress("Lecture du fichier")
    try:
        read = _read(found)
    except UnreadableFile as refused:
        faults = [[0, str(refused)]]
        _end(found, SeedImportState.REFUSED, faults=faults)
        return
    serials = [seed.serial for seed in read.seeds]
    known = OtpKey.objects.of(found.authority).filter(serial__in=serials).count()
    SeedImport.objects.filter(pk=found.pk, state=SeedImportState.RECEIVED).update(
        state=SeedImportState.PREVIEWED,
        count=len(read.seeds),
        known_count=known,
        faults=[[fault.line, fault.reason] for fault in read.faults[:_MOST_FAULTS]],
    )


@transaction.atomic
def confirm(found: SeedImport, *, actor: AcademicCredential) -> None:
    """Import what the preview showed; asked twice, done once."""
    changed = SeedImport.objects.filter(pk=found.pk, state=SeedImportState.PREVIEWED).update(
        state=SeedImportState.APPLYING
    )
    if changed:
        job = enqueue(
            kind=IMPORT_KIND,
            params={"seed_import": found.uuid},
            actor=actor.uuid,
            authority_code=found.authority.code,
        )
        SeedImport.objects.filter(pk=found.pk).update(job=job.uuid)


def cancel(found: SeedImport) -> None:
    """Wipe a file that nobody will import."""
    _end(found, SeedImportState.CANCELLED)


def import_seeds(ctx: JobContext) -> None:
    """Create the keys, each sealed on its own; a serial that is known is left as it is.

    Runs again from its beginning after a kill: what was created is known then. The file is wiped by
    the statement that ends the import.
    """
    found = SeedImport.objects.select_related("authority", "uploaded_by__person").get(
        uuid=ctx.params["seed_import"]
    )
    if found.state != SeedImportState.APPLYING:
        return
    read = _read(found)
    done = 0
    for start in range(0, len(read.seeds), _CHUNK):
        ctx.progress("Import des clés", done=start, total=len(read.seeds))
        done += _create(found, read.seeds[start : start + _CHUNK])
    with transaction.atomic():
        created = OtpKey.objects.of(found.authority).filter(
            serial__in=[seed.serial for seed in read.seeds], created_at__gte=found.uploaded_at
        )
        count = created.count()
        _end(found, SeedImportState.APPLIED, imported_count=count)
        journal.of_the_desk(
            GuichetAct.KEY_IMPORTED,
            None,
            actor=found.uploaded_by,
            authority_code=found.authority.code,
            origin=Origin(),
            count=count,
        )
    ctx.result({"created": done})


def wipe_abandoned() -> int:
    """Wipe the files that nobody confirmed within a day."""
    day_ago = timezone.now() - timedelta(days=1)
    left = SeedImport.objects.filter(
        uploaded_at__lt=day_ago, state__in=[SeedImportState.RECEIVED, SeedImportState.PREVIEWED]
    )
    return left.update(state=SeedImportState.CANCELLED, sealed=None)


def _create(found: SeedImport, seeds: list[Seed]) -> int:
    authority, now = found.authority, timezone.now()
    with transaction.atomic():
        known = set(
            OtpKey.objects.of(authority)
            .filter(serial__in=[seed.serial for seed in seeds])
            .values_list("serial", flat=True)
        )
        new = [seed for seed in seeds if seed.serial not in known]
        keys = OtpKey.objects.bulk_create(
            [
                OtpKey(
                    authority=authority,
                    serial=seed.serial,
                    sealed_seed=seal_seed(seed.seed, authority=authority.uuid, serial=seed.serial),
                    interval_seconds=seed.interval,
                    digits=seed.digits,
                    algorithm=seed.algorithm,
                    expires_on=seed.expires_on,
                )
                for seed in new
            ]
        )
        KeyAct.objects.bulk_create(
            KeyAct(key=key, at=now, event=KeyEvent.IMPORTED, actor=found.uploaded_by)
            for key in keys
        )
    return len(keys)


def _read(found: SeedImport) -> SeedFile:
    guichet = Guichet.objects.get(authority=found.authority)
    content, transport = _open(found)
    rules = Rules(
        accepts_short_intervals=guichet.accepts_short_intervals,
        accepts_eight_digits=guichet.accepts_eight_digits,
        interval=found.interval_seconds,
    )
    return read_seeds(content, transport=transport, rules=rules)


def _end(found: SeedImport, state: SeedImportState, **values: object) -> None:
    """End the import and wipe its file, in one statement."""
    living = SeedImport.objects.filter(pk=found.pk).exclude(state__in=OVER)
    living.update(state=state, sealed=None, **values)


def _seal(uuid: UUID, content: bytes, transport: str) -> bytes:
    """File and transport key under a key of their own, wrapped to the guichet's processes."""
    secret = os.urandom(32)
    public = current_key(KeyRole.OTP_SEED_PUBLIC)
    wrapped = public.id + wrap(secret, public_key=public.secret, context=_context(uuid))
    head = json.dumps(transport).encode()
    whole = len(head).to_bytes(4, "big") + head + content
    return wrapped + AESGCM(secret).encrypt(_NONCE, whole, _context(uuid))


def _open(found: SeedImport) -> tuple[bytes, str]:
    sealed = bytes(found.sealed or b"")
    wrapped, box = sealed[:_WRAPPED_BYTES], sealed[_WRAPPED_BYTES:]
    key = key_by_id(KeyRole.OTP_SEED_PRIVATE, wrapped[:KEY_ID_BYTES])
    context = _context(found.uuid)
    secret = unwrap(wrapped[KEY_ID_BYTES:], private_key=key.secret, context=context)
    whole = AESGCM(secret).decrypt(_NONCE, box, context)
    size = int.from_bytes(whole[:4], "big")
    return whole[4 + size :], str(json.loads(whole[4 : 4 + size]))


def _context(uuid: UUID) -> bytes:
    return b"seed file:" + uuid.bytes
