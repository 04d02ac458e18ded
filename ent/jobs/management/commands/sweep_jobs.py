"""Find the jobs that nobody runs."""

from typing import Any

from django.core.management.base import BaseCommand

from ent.jobs.sweeper import sweep


class Command(BaseCommand):
    """What the beat does every twenty seconds, by hand."""

    help = "Announces again the jobs that no worker took and takes up those whose worker died."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep once and say what was found."""
        report = sweep()
        self.stdout.write(
            f"{report.woken} annoncé(s), {report.taken_up} repris, {report.given_up} abandonné(s)"
        )
