"""``manage.py replay_erasures``: erase again, in a restored backup, whoever was erased since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from directory.lifecycle.erasure_list import UnreadableListError, replay_erasures


class Command(BaseCommand):
    """Needs the keys of a worker (`PREAU_RUNS_WORKER=1`)."""

    help = (
        "Efface de nouveau les personnes effacées depuis une sauvegarde que l'on vient de "
        "restaurer, d'après la liste tenue par chaque machine qui exécute un worker "
        "(PREAU_ERASURE_LIST). Sans danger quand il n'y a rien à effacer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The lists; this machine's own when none is named."""
        parser.add_argument("lists", nargs="*", type=Path, metavar="LISTE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, and say how many."""
        paths: list[Path] = options["lists"] or [Path(settings.ERASURE_LIST)]
        for path in paths:
            try:
                count = replay_erasures(path)
            except FileNotFoundError:
                raise CommandError(f"{path} : ce fichier n'existe pas.") from None
            except UnreadableListError as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{path} : {count} personne(s) effacée(s) de nouveau.")
