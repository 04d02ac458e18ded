"""Seal again, under the current keys, everything that is still under a former one."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ent.sealing.resealing import resealers


class Command(BaseCommand):
    """Runs after `create_keys --rotate`, before `create_keys --retire`."""

    help = (
        "Seals again under the current keys what is still under a former one (activation codes, "
        "keys of files). Safe to interrupt and to run again. Needs the worker's private keys: "
        "PREAU_RUNS_WORKER=1."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every registered function and say what each did."""
        if not settings.RUNS_WORKER:
            raise CommandError(
                "Cette commande ouvre les scellés : lancez-la avec PREAU_RUNS_WORKER=1."
            )
        for label, reseal in sorted(resealers().items()):
            self.stdout.write(f"{label} : {reseal()} rescellé(s)")
