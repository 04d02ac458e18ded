"""Cut an account from its academic subjects, from the machine itself: nobody acts upwards."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.account.models import Account
from accounts.doors.bindings.models import DoorBinding
from accounts.doors.bindings.services import unbind
from ent.audit.origin import COMMAND


class Command(BaseCommand):
    """``manage.py unbind_account LOGIN``."""

    help = (
        "Détache un compte de ses identifiants académiques (un administrateur ENT, que personne ne "
        "détache depuis l'ENT) : ses connexions sont fermées, le compte et ses rôles restent. Sa "
        "prochaine connexion par l'académie refait le rapprochement à partir de l'annuaire."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The login, as it is shown in « Mon compte »."""
        parser.add_argument("login", metavar="IDENTIFIANT")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Find the account, cut each of its bindings, say how many."""
        try:
            account = Account.objects.get_by_natural_key(options["login"])
        except Account.DoesNotExist:
            raise CommandError("Aucun compte ne porte cet identifiant.") from None
        bindings = list(
            DoorBinding.objects.filter(account=account).select_related(
                "door__authority", "account__person__main_school"
            )
        )
        for binding in bindings:
            unbind(binding=binding, actor=None, origin=COMMAND)
        if not bindings:
            self.stdout.write("Ce compte n'est rattaché à aucun identifiant académique.")
            return
        doors = ", ".join(binding.door.label for binding in bindings)
        self.stdout.write(f"Compte détaché ({doors}) ; ses connexions sont fermées.")
