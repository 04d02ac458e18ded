"""Django's registration of the room."""

from django.apps import AppConfig


class GuichetConfig(AppConfig):
    """An academy's own door, its OTP keys and its helpdesk."""

    name = "guichet"
    label = "guichet"
    verbose_name = "guichet académique"
    default_auto_field = "django.db.models.BigAutoField"
