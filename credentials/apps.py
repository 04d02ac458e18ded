"""Django's registration of the room."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Credential files, letters, mailings and forgotten passwords."""

    name = "credentials"
    label = "credentials"
    verbose_name = "identifiants"
    default_auto_field = "django.db.models.BigAutoField"
