"""Create the first agent of a helpdesk from the machine itself, or let a locked-out one back in."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from directory.models import Authority
from guichet.agents.uids import normalise_uid
from guichet.assistance.first_agent import create_helpdesk_agent
from guichet.assistance.services import RefusedAct
from signin.enums import Realm


class Command(BaseCommand):
    """``manage.py create_helpdesk``, in the guichet's realm."""

    help = (
        "Crée un agent de l'assistance d'une académie, ou rouvre son accès s'il est enfermé\n"
        "dehors : un code d'une seule fois s'affiche, le code PIN de sa clé est annulé. Exemple :\n"
        "  PREAU_REALM=guichet GUICHET_AUTHORITY=NANCY-METZ manage.py create_helpdesk odurand \\\n"
        "      --given-name Odile --family-name Durand --serial ABC0001234"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the example."""
        return super().create_parser(
            prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("uid", metavar="IDENTIFIANT", help="identifiant académique")
        parser.add_argument("--given-name", default="", metavar="PRÉNOM")
        parser.add_argument("--family-name", default="", metavar="NOM")
        parser.add_argument(
            "--serial", default="", metavar="NUMÉRO", help="clé du stock à lui attribuer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what to hand over."""
        if settings.PREAU_REALM != Realm.GUICHET:
            raise CommandError("Lancez cette commande avec PREAU_REALM=guichet et ses clés.")
        authority = Authority.objects.filter(code=settings.GUICHET_AUTHORITY).first()
        uid = normalise_uid(options["uid"])
        if authority is None or not uid:
            raise CommandError("GUICHET_AUTHORITY ou l'identifiant n'est pas connu.")
        try:
            made = create_helpdesk_agent(
                authority=authority,
                uid=uid,
                given_name=options["given_name"],
                family_name=options["family_name"],
                serial=options["serial"],
            )
        except RefusedAct as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"Identifiant : {made.agent.uid}")
        self.stdout.write(f"Code d'une seule fois : {made.code}")
        if made.serial:
            self.stdout.write(f"Clé {made.serial} : la première fois, le code affiché, seul.")
