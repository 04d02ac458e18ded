"""Django's registration of the room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """The journal of acts."""

    name = "ent.audit"
    label = "audit"
    verbose_name = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the partitions of the coming months made at each migration too."""
        post_migrate.connect(_make_partitions, sender=self)


def _make_partitions(**kwargs: Any) -> None:
    from ent.audit.partitions import create_partitions, journal_exists

    if journal_exists():
        create_partitions()
