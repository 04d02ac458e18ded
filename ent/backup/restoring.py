"""Restoring a backup into an empty database, and everything that must be true before it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from ent.audit.anchor import accept_heads
from ent.audit.chain import seal_journal, verify_journal
from ent.backup.manifest import (
    DUMP,
    BackupUnfit,
    Manifest,
    last_migrations,
    missing_keys,
    read_manifest,
)
from ent.backup.programs import run_program
from ent.backup.registry import erase_again, hold_everything
from ent.backup.tables import measure_tables, table_names


@dataclass(slots=True)
class Restored:
    """What was done."""

    tables: int
    rows: int
    erased: int = 0
    held: dict[str, int] = field(default_factory=dict)


def restore_backup(folder: Path, *, erasures: Path | None, say: Callable[[str], None]) -> Restored:
    """Restore, compare, verify, erase again, hold; raise `BackupUnfit` at the first doubt.

    What is refused before the database is written leaves it empty; so does a dump that fails.
    """
    manifest = read_manifest(folder)
    if missing := missing_keys(manifest):
        raise BackupUnfit(f"Clés manquantes sur cette machine : {', '.join(missing)}.")
    if erasures is not None and not erasures.is_file():
        raise BackupUnfit(f"{erasures} : cette liste des effacements n’existe pas.")
    if table_names():
        raise BackupUnfit("La base n’est pas vide : restaurez dans une base neuve.")
    say("Restauration de la base…")
    run_program(
        "pg_restore",
        *("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"),
        str(folder / DUMP),
    )
    _compare(manifest)
    say("Lignes et sommes de contrôle identiques.")
    if manifest.migrations != last_migrations():
        raise BackupUnfit(
            "Ce code n’est pas celui de la sauvegarde : restaurez avec la même version, puis mettez"
            " à jour (migrate)."
        )
    faults = [str(fault) for fault in verify_journal(with_anchor=False)]
    if faults:
        raise BackupUnfit(f"Le journal restauré a {len(faults)} défaut(s) : {faults[0]}")
    say("Journal intact.")
    accept_heads()
    restored = Restored(
        tables=len(manifest.tables), rows=sum(count for count, _ in manifest.tables.values())
    )
    restored.held = hold_everything()
    if erasures is not None:
        try:
            restored.erased = erase_again(erasures)
        except ValueError as error:
            raise BackupUnfit(
                f"La liste des effacements est illisible : {error} La base est restaurée, mais "
                "n’ouvrez pas avant que replay_erasures n’ait réussi."
            ) from error
    seal_journal()
    return restored


def _compare(manifest: Manifest) -> None:
    with transaction.atomic():
        found = {name: list(measure) for name, measure in measure_tables().items()}
    different = sorted(
        name
        for name in manifest.tables.keys() | found.keys()
        if manifest.tables.get(name) != found.get(name)
    )
    if different:
        raise BackupUnfit(f"Tables différentes de la sauvegarde : {', '.join(different)}.")
