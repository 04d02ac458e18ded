"""Django's registration of the room."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Encrypted files in PostgreSQL, with an expiry."""

    name = "ent.files"
    label = "files"
    verbose_name = "fichiers"
    default_auto_field = "django.db.models.BigAutoField"
