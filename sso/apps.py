"""Django's registration of the room."""

from django.apps import AppConfig


class SsoConfig(AppConfig):
    """The CAS server: services, tickets, validation, sign-out."""

    name = "sso"
    label = "sso"
    verbose_name = "authentification unique"
    default_auto_field = "django.db.models.BigAutoField"
