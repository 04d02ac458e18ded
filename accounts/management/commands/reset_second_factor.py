"""Reset a second factor from the machine itself: the last administrator lost the device."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.account.models import Account
from accounts.second_factor.services import reset
from ent.audit.origin import COMMAND


class Command(BaseCommand):
    """``manage.py reset_second_factor LOGIN``."""

    help = (
        "Réinitialise le second facteur d'un compte dont l'appareil est perdu : l'application et "
        "les codes de secours sont oubliés, les connexions fermées. Le mot de passe reste. "
        "Assurez-vous d'abord, de vive voix, de l'identité de la personne."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The login, as it is shown in « Mon compte »."""
        parser.add_argument("login", metavar="IDENTIFIANT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the account, reset, say what follows."""
        try:
            account = Account.objects.get_by_natural_key(options["login"])
        except Account.DoesNotExist:
            raise CommandError("Aucun compte ne porte cet identifiant.") from None
        if reset(account=account, actor=None, origin=COMMAND):
            self.stdout.write(
                "Second facteur réinitialisé : la prochaine connexion en fera installer un autre."
            )
        else:
            self.stdout.write(
                "Ce compte n'avait pas de second facteur ; ses connexions sont fermées."
            )
