"""`manage.py stop_database`: stop the private PostgreSQL of this checkout."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ent.embedded.cluster import Cluster


class Command(BaseCommand):
    """Stop the embedded server; a database that DATABASE_URL names is left alone."""

    help = "Stops the private PostgreSQL server of this checkout. Nothing is lost."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which server, and on what condition."""
        parser.add_argument("--tests", action="store_true", help="the server of the tests")
        parser.add_argument(
            "--if-idle", action="store_true", help="only when nobody is connected to it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Stop it if it is ours."""
        database = settings.DATABASES["default"]
        if database["ENGINE"] != "ent.embedded":
            self.stdout.write("DATABASE_URL names the database: nothing to stop.")
            return
        home = Path(database["CLUSTER"])
        cluster = Cluster(home=settings.VAR_DIR / "test" / "postgres" if options["tests"] else home)
        if options["if_idle"] and cluster.is_running() and cluster.count_connections():
            self.stdout.write("In use: left running.")
            return
        cluster.stop()
        self.stdout.write("Stopped.")
