"""Django's registration of the room."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Public pages, connected pages and tiles."""

    name = "portal"
    label = "portal"
    verbose_name = "portail"
    default_auto_field = "django.db.models.BigAutoField"
