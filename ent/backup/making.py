"""Making a backup: one snapshot, dumped and measured."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from ent.audit.chain import seal_journal
from ent.backup.manifest import (
    DUMP,
    BackupUnfit,
    Manifest,
    file_digest,
    key_identifiers,
    last_migrations,
    write_manifest,
)
from ent.backup.programs import run_program
from ent.backup.tables import measure_tables, staging_schemas


def make_backup(folder: Path) -> Manifest:
    """Write the database into a new folder, with a manifest of what is in it.

    The dump and the measures are of the same snapshot, whatever is written meanwhile. The manifest
    is written last: a folder without one is a backup that was interrupted.
    """
    _make_folder(folder)
    seal_journal()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        schemas = [f"--exclude-schema={name}" for name in staging_schemas()]
        run_program(
            "pg_dump",
            *("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"),
            *schemas,
            f"--file={folder / DUMP}",
        )
        tables = {name: list(measure) for name, measure in measure_tables().items()}
    (folder / DUMP).chmod(0o600)
    manifest = Manifest(
        made_at=timezone.now().isoformat(timespec="seconds"),
        dump_sha256=file_digest(folder / DUMP),
        migrations=last_migrations(),
        tables=tables,
        keys=key_identifiers(),
    )
    write_manifest(folder, manifest)
    return manifest


def copy_keys(folder: Path) -> int:
    """Copy the key files, and the list of erasures, to a folder that is kept apart."""
    _make_folder(folder)
    names = sorted(Path(settings.KEYS_DIR).glob("*.key"))
    for path in names:
        _copy(path, folder)
    erasures = Path(settings.ERASURE_LIST)
    if erasures.exists():
        _copy(erasures, folder)
    return len(names)


def _copy(path: Path, folder: Path) -> None:
    target = folder / path.name
    target.touch(mode=0o600)
    shutil.copyfile(path, target)


def _make_folder(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise BackupUnfit(f"{folder} n’est pas vide : donnez à chaque sauvegarde son dossier.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
