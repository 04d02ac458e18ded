"""``manage.py import_ldap``: read a university's LDAP directory into ours."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directory.enums import DeliveryState
from directory.imports.reports.terminal import describe
from directory.imports.university.services import read_directory
from directory.models import LdapDirectory

EXIT_REFUSED = 2
EXIT_HELD = 3


class Command(BaseCommand):
    """Read everybody, or preview it."""

    help = "Lit l'annuaire LDAP d'une université : manage.py import_ldap CODE [--preview]"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The authority, and what to do with it."""
        parser.add_argument("code", metavar="CODE", help="code de l'autorité")
        parser.add_argument(
            "--preview", action="store_true", help="montrer ce qui changerait, sans rien appliquer"
        )
        parser.add_argument(
            "--confirm-departures", type=int, metavar="NOMBRE", help="le nombre annoncé de départs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say what came of it."""
        directory = LdapDirectory.objects.filter(authority__code__iexact=options["code"]).first()
        if directory is None or not directory.uai:
            raise CommandError(
                f"« {options['code']} » n'a pas d'annuaire LDAP avec une UAI : indiquez-la dans "
                "Annuaire > Administration > Guichets, au guichet de l'université."
            )
        outcome = read_directory(
            directory,
            preview=options["preview"],
            confirmed_count=options["confirm_departures"],
        )
        for line in describe(outcome.delivery, preview=options["preview"]):
            self.stdout.write(line)
        if outcome.state == DeliveryState.REFUSED:
            sys.exit(EXIT_REFUSED)
        if outcome.state == DeliveryState.HELD and not options["preview"]:
            sys.exit(EXIT_HELD)
