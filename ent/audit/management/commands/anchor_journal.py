"""Take the journal as it is for the true one, after a restore."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ent.audit.anchor import accept_heads


class Command(BaseCommand):
    """A restored database ends before what this machine noted: a person says that this is right."""

    help = (
        "After a restore: notes the ends of the journal's chains anew, and journals it. "
        "Runs on a worker's machine, which holds the keys: PREAU_RUNS_WORKER=1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Nobody accepts a shortened journal by mistake."""
        parser.add_argument(
            "--after-restore", action="store_true", help="say that the database was restored"
        )

    def handle(self, *args: Any, after_restore: bool, **options: Any) -> None:
        """Write the event and the file."""
        if not settings.RUNS_WORKER:
            raise CommandError(
                "Cette commande lit une clé des traitements : lancez-la avec PREAU_RUNS_WORKER=1."
            )
        if not after_restore:
            raise CommandError(
                "Un repère qui ne correspond plus peut cacher une fin de journal supprimée. Si la"
                " base a été restaurée, relancez avec --after-restore."
            )
        anchor = accept_heads()
        self.stdout.write(f"Repère noté : scellé {anchor.events.number}.")
