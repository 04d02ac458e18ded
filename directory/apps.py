"""Django's registration of the room."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Who exists: authorities, schools, persons, classes, links and roles."""

    name = "directory"
    label = "directory"
    verbose_name = "annuaire"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the room's entries on the desk and among the tiles; deposits are never downloaded."""
        from directory import lookups  # noqa: F401  # registers pk__any_of
        from directory.desk import register_entries
        from directory.imports.deposits import PURPOSE
        from ent.files.purposes import register_purpose

        register_entries()
        register_purpose(PURPOSE, may_download=lambda file, person: False)
