"""Restore a backup into an empty database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ent.backup.manifest import BackupUnfit
from ent.backup.programs import ProgramError
from ent.backup.restoring import restore_backup
from ent.sealing.keys import KeyringError


class Command(BaseCommand):
    """The portal is opened again only when this succeeds."""

    help = (
        "Restores a backup into the empty database of the settings: compares every table with the "
        "manifest, verifies the journal, erases again who was erased since (--erasures), and holds "
        "the work and the mails that waited. Put the keys in place first. "
        "Runs on a worker's machine: PREAU_RUNS_WORKER=1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Nobody forgets the erasures by mistake."""
        parser.add_argument("folder", type=Path)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--erasures", type=Path, help="the latest list of erasures")
        which.add_argument(
            "--without-erasures", action="store_true", help="nobody was erased since the backup"
        )

    def handle(self, *args: Any, folder: Path, erasures: Path | None, **options: Any) -> None:
        """Restore and say what was done."""
        if not settings.RUNS_WORKER:
            raise CommandError(
                "Cette commande lit les clés des traitements : lancez-la avec PREAU_RUNS_WORKER=1."
            )
        try:
            done = restore_backup(folder, erasures=erasures, say=self.stdout.write)
        except (BackupUnfit, ProgramError, KeyringError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.tables} tables, {done.rows} lignes restaurées.")
        self.stdout.write(f"{done.erased} personne(s) effacée(s) de nouveau.")
        for words, count in done.held.items():
            self.stdout.write(f"Arrêtés : {count} {words}.")
