"""Write a backup that `restore` can trust."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ent.backup.making import copy_keys, make_backup
from ent.backup.manifest import BackupUnfit
from ent.backup.programs import ProgramError
from ent.sealing.keys import KeyringError


class Command(BaseCommand):
    """One folder for each backup; the keys go elsewhere."""

    help = (
        "Writes the database, files included, into an empty FOLDER with a signed manifest of its "
        "tables. --keys copies the keys and the list of erasures into another folder, to be kept "
        "apart: a dump without them opens no file and tells no code. "
        "Runs on a worker's machine: PREAU_RUNS_WORKER=1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keys", type=Path, help="also copy the keys, into this folder")

    def handle(self, *args: Any, folder: Path, keys: Path | None, **options: Any) -> None:
        """Make it and say what is in it."""
        if not settings.RUNS_WORKER:
            raise CommandError(
                "Cette commande lit les clés des traitements : lancez-la avec PREAU_RUNS_WORKER=1."
            )
        try:
            manifest = make_backup(folder)
            rows = sum(count for count, _ in manifest.tables.values())
            self.stdout.write(f"{len(manifest.tables)} tables, {rows} lignes dans {folder}")
            if keys is not None:
                self.stdout.write(f"{copy_keys(keys)} clés copiées dans {keys}")
        except (BackupUnfit, ProgramError, KeyringError, OSError) as error:
            raise CommandError(str(error)) from error
