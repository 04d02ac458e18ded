"""Find what was removed from the journal or altered in it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ent.audit.anchor import read_anchor
from ent.audit.chain import seal_journal, verify_journal


class Command(BaseCommand):
    """What the beat does every night, by hand; its exit status serves a monitoring probe."""

    help = (
        "Verifies the chains of the journal and names every line and identity that was removed, "
        "altered or slipped in, and an end that was cut off. Fails when there is one. "
        "Runs on a worker's machine, which holds the keys: PREAU_RUNS_WORKER=1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal what waits, verify everything, print the faults."""
        if not settings.RUNS_WORKER:
            raise CommandError(
                "Cette commande lit une clé des traitements : lancez-la avec PREAU_RUNS_WORKER=1."
            )
        if read_anchor() is None:
            self.stdout.write("Cette machine n’avait pas de repère : elle en note un.")
        seal_journal()
        count = 0
        for finding in verify_journal():
            self.stderr.write(str(finding))
            count += 1
        if count:
            raise CommandError(f"Le journal a {count} défaut(s).")
        self.stdout.write("Le journal est intact.")
