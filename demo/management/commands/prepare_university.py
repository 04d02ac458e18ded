"""Add the university of `make demo-university` to the demonstration."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.university.portal import make_university
from directory.enums import DeliveryState


class Command(BaseCommand):
    """``manage.py prepare_university``: harmless when everything is there."""

    help = "Ajoute l'université de la démonstration : son annuaire, ses guichets, ses services."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where its directory answers."""
        parser.add_argument("--server", required=True, metavar="ldaps://…")
        parser.add_argument("--authorities", required=True, type=Path, metavar="PEM")

    def handle(self, *args: Any, **options: Any) -> None:
        """Authority, directory, doors, services; then the feed."""
        if not getattr(settings, "DEMO", False):
            raise CommandError("Cette commande ne tourne qu'avec les réglages de démonstration.")
        pem = options["authorities"].read_text(encoding="ascii")
        outcome = make_university(server=options["server"], authorities=pem)
        if outcome.state != DeliveryState.APPLIED:
            raise CommandError(f"L'annuaire n'a pas été importé : {outcome.delivery.refusal}")
        self.stdout.write(f"Université prête en {outcome.seconds:.1f} s.\n")
