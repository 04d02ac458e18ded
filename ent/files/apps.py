"""Django's registration of the room."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Encrypted files in PostgreSQL, with an expiry."""

    name = "ent.files"
    label = "files"
    verbose_name = "fichiers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let `reseal` bring the keys of files under the worker's current key."""
        from ent.files.services import reseal_file_keys
        from ent.sealing.resealing import register_resealer

        register_resealer("clés des fichiers", reseal_file_keys)
