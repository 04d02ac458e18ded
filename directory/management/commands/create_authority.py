"""``manage.py create_authority``: an academy (or another feed) before its first delivery."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from directory.authorities.forms import AuthorityForm
from directory.authorities.services import save_authority
from directory.enums import AuthorityKind


class Command(BaseCommand):
    """The same form as on « Annuaire > Administration > Autorités », from the machine."""

    help = (
        "Crée une autorité : l'académie, le réseau agricole ou l'université dont viennent les\n"
        "fichiers. À faire une fois, avant son premier import. Exemples :\n"
        '  manage.py create_authority CRETEIL --name "Académie de Créteil"\n'
        '  manage.py create_authority AGRI --name "Enseignement agricole public" --kind agricole'
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the examples."""
        return super().create_parser(
            prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        """The code, the name, and what differs from an ordinary academy."""
        parser.add_argument("code", metavar="CODE", help="par exemple CRETEIL ; ne changera plus")
        parser.add_argument("--name", required=True, metavar="NOM", help="nom affiché")
        parser.add_argument(
            "--kind",
            choices=AuthorityKind.values,
            default=AuthorityKind.ACADEMY.value,
            help="nature (préréglage : academie)",
        )
        parser.add_argument(
            "--feed-name",
            default="",
            metavar="NOM",
            help="nom d'académie dans les fichiers AAF, quand il n'est pas le code",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check as the screen does, write, say what comes next."""
        form = AuthorityForm(
            {name: options[name] for name in ("code", "name", "kind", "feed_name")}
        )
        if not form.is_valid():
            raise CommandError(
                " ".join(
                    f"{form.fields[name].label if name in form.fields else 'Autorité'} : {reason}"
                    for name, reasons in form.errors.items()
                    for reason in reasons
                )
            )
        authority = save_authority(
            authority=form.instance, changed=form.changed_data, actor=None, origin=None
        )
        self.stdout.write(
            f"Autorité {authority.code} créée. Ensuite : manage.py import_aaf DOSSIER "
            f"--authority {authority.code}"
        )
