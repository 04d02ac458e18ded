"""Django's registration of the room."""

from django.apps import AppConfig


class PronoteBridgeConfig(AppConfig):
    """Reconciliation with Pronote."""

    name = "pronote_bridge"
    label = "pronote_bridge"
    verbose_name = "Pronote"
    default_auto_field = "django.db.models.BigAutoField"
