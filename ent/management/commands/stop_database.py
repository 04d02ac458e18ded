"""`manage.py stop_database`: stop the private PostgreSQL of this checkout."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ent.embedded.cluster import Cluster


class Command(BaseCommand):
    """Stop the embedded server; a database that DATABASE_URL names is left alone."""

    help = "Stops the private PostgreSQL server of this checkout. Nothing is lost."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Stop it if it is ours."""
        database = settings.DATABASES["default"]
        if database["ENGINE"] != "ent.embedded":
            self.stdout.write("DATABASE_URL names the database: nothing to stop.")
            return
        Cluster.from_settings(database).stop()
        self.stdout.write("Stopped.")
