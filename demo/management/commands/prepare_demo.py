"""Fill an empty ENT with the schools and people of the demonstration."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.authorities import AUTHORITIES, create_authorities, set_the_portal
from demo.deliveries import DemoImportError, import_delivery
from demo.pages import dress_schools
from demo.people import create_people, table_text, write_table
from demo.services import register_services
from ent.celery import create_broker_folders


class Command(BaseCommand):
    """``manage.py prepare_demo``: harmless when everything is there."""

    help = (
        "Prépare la démonstration : deux académies et l'enseignement agricole, une vingtaine "
        "d'établissements et 15 000 personnes inventées, importées par le véritable import, et "
        "un compte à essayer par type de personne. Relancée, elle ne refait que ce qui manque. "
        "Refuse de tourner hors des réglages de démonstration."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Authorities, imports, pages, services, people; then the table."""
        if not getattr(settings, "DEMO", False):
            raise CommandError(
                "Cette commande invente des comptes dont le mot de passe est public : elle ne "
                "tourne qu'avec DJANGO_SETTINGS_MODULE=ent.settings.demo."
            )
        started = time.monotonic()
        create_broker_folders()  # imports leave work behind them for the worker
        set_the_portal()
        authorities = create_authorities()
        try:
            for demo in AUTHORITIES:
                import_delivery(demo=demo, authority=authorities[demo.code], say=self.stdout.write)
        except DemoImportError as error:
            raise CommandError(str(error)) from error
        dress_schools()
        register_services()
        lines = create_people()
        write_table(lines)
        self.stdout.write(f"Démonstration prête en {time.monotonic() - started:.1f} s.\n")
        if options["verbosity"] > 1:
            self.stdout.write(table_text(lines))
