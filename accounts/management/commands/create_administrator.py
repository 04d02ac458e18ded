"""Create an ENT administrator from the machine itself: the first one comes from here."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.provisioning.administrators import (
    ADMINISTRATOR_PASSWORD_CHARACTERS,
    check_administrator_password,
    create_administrator,
)

_TRIES = 3


class Command(BaseCommand):
    """``manage.py create_administrator``."""

    help = (
        "Crée un administrateur de l'ENT : une personne, son compte local et son rôle.\n"
        "Sans option, les questions sont posées une à une. Le mot de passe se tape deux fois,\n"
        "ou se lit dans un fichier ; il ne se donne jamais sur la ligne de commande, où\n"
        "d'autres utilisateurs de la machine pourraient le lire. Exemples :\n"
        "  manage.py create_administrator\n"
        "  manage.py create_administrator --given-name Alix --family-name Perrin \\\n"
        "      --password-file /run/secrets/premier-mot-de-passe\n"
        "La personne se connecte ensuite par « Autres comptes et invités »."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the examples."""
        return super().create_parser(
            prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        """Everything may be asked at the keyboard instead."""
        parser.add_argument("--given-name", metavar="PRÉNOM", help="prénom")
        parser.add_argument("--family-name", metavar="NOM", help="nom")
        parser.add_argument(
            "--login", default="", metavar="IDENTIFIANT", help="préréglage : prenom.nom"
        )
        parser.add_argument("--email", default="", metavar="COURRIEL", help="facultatif")
        parser.add_argument(
            "--password-file",
            type=Path,
            metavar="FICHIER",
            help="fichier dont la première ligne est le mot de passe "
            f"({ADMINISTRATOR_PASSWORD_CHARACTERS} caractères au moins)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for what is missing, create, say how to sign in."""
        given_name = options["given_name"] or self._ask("Prénom : ")
        family_name = options["family_name"] or self._ask("Nom : ")
        try:
            created = create_administrator(
                given_name=given_name,
                family_name=family_name,
                password=self._password(options["password_file"]),
                login=options["login"],
                email=options["email"],
            )
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        self.stdout.write(
            f"Compte créé. Identifiant : {created.account.login}\n"
            "Connexion : « Se connecter », puis « Autres comptes et invités »."
        )

    def _ask(self, question: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Donnez --given-name et --family-name : personne n'est au clavier.")
        return input(question).strip()

    def _password(self, file: Path | None) -> str:
        if file is not None:
            try:
                lines = file.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"Le fichier {file} ne se lit pas.") from error
            return lines[0] if lines else ""
        if not sys.stdin.isatty():
            raise CommandError("Donnez --password-file : personne n'est au clavier.")
        return self._typed_password()

    def _typed_password(self) -> str:
        for _ in range(_TRIES):
            first = getpass(f"Mot de passe ({ADMINISTRATOR_PASSWORD_CHARACTERS} au moins) : ")
            try:
                check_administrator_password(first)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
                continue
            if getpass("Le même, une seconde fois : ") == first:
                return first
            self.stderr.write("Les deux saisies diffèrent.")
        raise CommandError("Trois essais sans succès : rien n'a été créé.")
