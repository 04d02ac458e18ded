"""Fill the guichet of the demonstration: `PREAU_REALM=guichet python -m demo.guichet`."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    """Keys of its own first, then what it holds; harmless when everything is there."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.settings.demo")
    django.setup()
    if not settings.DEMO or not settings.OPENS_OTP_SEEDS:
        raise SystemExit("Cette commande ne tourne que dans le guichet de la démonstration.")
    from demo.guichet.filling import fill_guichet
    from ent.celery import create_broker_folders

    create_broker_folders()
    call_command("create_keys", verbosity=0)
    fill_guichet()


if __name__ == "__main__":
    main()
