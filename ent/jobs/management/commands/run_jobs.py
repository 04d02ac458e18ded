"""Run the waiting jobs in this process, without a worker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ent.jobs.running import run_queued


class Command(BaseCommand):
    """For a machine without worker, and for repairs."""

    help = "Runs the jobs that wait, oldest first, in this process, then stops."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--limit", type=int, default=1000, help="At most so many jobs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and count."""
        self.stdout.write(f"{run_queued(limit=options['limit'])} travail(travaux) exécuté(s)")
