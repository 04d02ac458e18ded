"""Make the coming months of the journal and drop those past their retention."""

from typing import Any

from django.core.management.base import BaseCommand

from ent.audit.retention import purge_journal


class Command(BaseCommand):
    """What the beat does four times a day, by hand."""

    help = "Makes the partitions of the coming months and drops those that ended a year ago."

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge once and say what went."""
        dropped = purge_journal()
        for month, count in dropped.items():
            self.stdout.write(f"{month:%m/%Y} : {count} événement(s) supprimé(s)")
        if not dropped:
            self.stdout.write("Aucun mois à supprimer.")
