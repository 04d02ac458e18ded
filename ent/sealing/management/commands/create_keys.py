"""Create the keys of the product, rotate one, or retire its former versions."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ent.sealing.keys import (
    CREATED,
    KeyringError,
    KeyRole,
    create_missing_keys,
    retire_former_keys,
    rotate_key,
)


class Command(BaseCommand):
    """Key files for one machine; in production they usually come from the operator's own vault."""

    help = (
        "Creates the key files that do not exist yet, one role each, readable by their owner only. "
        "Existing keys are never touched unless --rotate or --retire says so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        roles = [role.value for role in CREATED]
        parser.add_argument("--folder", type=Path, default=None, help="Where (default: KEYS_DIR).")
        parser.add_argument(
            "--rotate",
            choices=roles,
            help="Puts a new current key before the former ones, which go on opening.",
        )
        parser.add_argument(
            "--retire",
            choices=roles,
            help="Forgets the former keys of a role, after `reseal`; what is still under them "
            "can never be opened again.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked and say it in one line."""
        folder = options["folder"] or Path(settings.KEYS_DIR)
        try:
            if options["rotate"]:
                key = rotate_key(folder, KeyRole(options["rotate"]))
                self.stdout.write(f"{key.role.value}: clé courante {key.id.hex()}")
            elif options["retire"]:
                count = retire_former_keys(folder, KeyRole(options["retire"]))
                self.stdout.write(f"{options['retire']}: {count} ancienne(s) clé(s) oubliée(s)")
            else:
                created = create_missing_keys(folder)
                self.stdout.write(_say_created(len(created), folder))
        except (KeyringError, OSError) as error:
            raise CommandError(str(error)) from error


def _say_created(count: int, folder: Path) -> str:
    if not count:
        return f"Les clés sont déjà dans {folder}"
    plural = "s" if count > 1 else ""
    return f"{count} clé{plural} créée{plural} dans {folder}"
