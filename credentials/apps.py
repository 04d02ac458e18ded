"""Django's registration of the room."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Credential files, letters, mailings and forgotten passwords."""

    name = "credentials"
    label = "credentials"
    verbose_name = "identifiants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join imports, say who may download, declare the jobs."""
        from credentials import tasks  # noqa: F401
        from credentials.imports import CredentialFilesContributor
        from credentials.making import PURPOSE, may_download
        from directory.imports.extension import register
        from ent.files.purposes import register_purpose

        register(CredentialFilesContributor())
        register_purpose(PURPOSE, may_download=may_download, per_hour=60)
