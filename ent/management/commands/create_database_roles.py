"""Make the two roles that the processes connect as."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from ent.database.roles import Roles, create_roles


class Command(BaseCommand):
    """Run by the role that migrates, after each migration."""

    help = (
        "Makes the database roles of the web and of the workers, and gives each what it needs: "
        "both add to the journal, neither changes or deletes there. Run it as the role that "
        "migrates (it owns the journal and may make roles), after each `migrate`. Give the roles "
        "their passwords yourself: ALTER ROLE … PASSWORD …"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare their names."""
        parser.add_argument("--web", default="preau_web")
        parser.add_argument("--worker", default="preau_worker")

    def handle(self, *args: Any, web: str, worker: str, **options: Any) -> None:
        """Make them and say how they are used."""
        try:
            create_roles(Roles(web=web, worker=worker))
        except Error as error:
            raise CommandError(f"Les rôles n’ont pas été créés : {error}") from error
        self.stdout.write(
            f"Rôles {web} et {worker} : donnez-les, chacun avec son mot de passe, au DATABASE_URL "
            "du web et à celui des travaux. `check --deploy --database default` le vérifie."
        )
