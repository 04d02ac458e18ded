"""Refuse a database that another version made, whose migrations are not those of this one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

_OTHER = (
    "La base de la démonstration vient d’une autre version de Préau, dont les tables ont changé."
)
_EMBEDDED = "Elle ne contient que des personnes inventées. Effacez-la, puis relancez\u00a0:"
_OPERATED = "Donnez une base vide dans DATABASE_URL, puis relancez «\u00a0make demo\u00a0»."


class Command(BaseCommand):
    """``manage.py check_database``: says what to do before `migrate` fails half-way."""

    help = "Vérifie que la base de la démonstration est de cette version, ou n’existe pas encore."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare the migrations that the database remembers with those that exist."""
        if not unknown_migrations():
            return
        if connection.settings_dict["ENGINE"] != "ent.embedded":
            raise CommandError(f"{_OTHER} {_OPERATED}")
        raise CommandError(
            f"{_OTHER}\n{_EMBEDDED}\n\n    rm -rf {settings.VAR_DIR}\n    make demo\n"
        )


def unknown_migrations() -> list[tuple[str, str]]:
    """Return the migrations that the database has and this version has not."""
    known = MigrationLoader(None)
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(
        key for key in applied if key[0] in known.migrated_apps and key not in known.disk_migrations
    )
