"""Django's registration of the kernel."""

from django.apps import AppConfig


class EntConfig(AppConfig):
    """The kernel that every room stands on."""

    name = "ent"
    verbose_name = "noyau"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the checks that stop a start with weak parameters, and the look-ups of ids."""
        from ent.database import id_lookups  # noqa: F401
        from ent.deployment import checks  # noqa: F401
