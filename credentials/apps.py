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
        from credentials.perms import may_open_desk
        from directory.extensions import DeskCard, register_card
        from directory.imports.extension import register
        from ent.files.purposes import register_purpose

        register(CredentialFilesContributor())
        register_card(
            DeskCard(
                code="credential-files",
                title="Fichiers des identifiants",
                words="Télécharger, régénérer ou réémettre les identifiants et les codes.",
                icon="key",
                url_name="credentials:files",
                is_allowed=may_open_desk,
                rank=20,
            )
        )
        register_purpose(PURPOSE, may_download=may_download, per_hour=60)
