"""Bring in the academy's file of agents: first what it would do, then the doing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from guichet.agents_feed.reading import UnreadableFeed, read_agents
from guichet.agents_feed.services import HeldBack, apply_agents
from guichet.authority.current import current_guichet
from signin.enums import Realm


class Command(BaseCommand):
    """``manage.py import_agents``, in the guichet's realm."""

    help = (
        "Lit le fichier des agents (identifiant, nom, prénom…), CSV ou XLSX, et dit ce qu'il "
        "changerait. "
        "Avec --apply, le fait. Trop de départs demandent --confirm-departures."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--apply", action="store_true", help="faire, et non seulement dire")
        parser.add_argument("--confirm-departures", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, say every fault, then what changes."""
        if settings.PREAU_REALM != Realm.GUICHET:
            raise CommandError("Lancez cette commande avec PREAU_REALM=guichet et ses clés.")
        try:
            read = read_agents(options["file"].read_bytes())
            report = apply_agents(
                read,
                guichet=current_guichet(),
                is_dry=not options["apply"],
                confirms_departures=options["confirm_departures"],
            )
        except (UnreadableFeed, HeldBack, OSError) as error:
            raise CommandError(str(error)) from None
        for line, reason in read.faults:
            self.stdout.write(f"ligne {line} : {reason}")
        if read.faults:
            self.stdout.write("Personne n'est fermé tant que des lignes sont refusées.")
        self.stdout.write(
            f"{report.created} créés, {report.changed} modifiés, {report.returning} revenus, "
            f"{report.unchanged} inchangés, {len(report.leaving)} partis, "
            f"{report.unmatched} sans personne dans l'annuaire"
        )
        if not options["apply"]:
            self.stdout.write("Rien n'est fait : relancez avec --apply.")
