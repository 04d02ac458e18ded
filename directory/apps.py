"""Django's registration of the room."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Who exists: authorities, schools, persons, classes, links and roles."""

    name = "directory"
    label = "directory"
    verbose_name = "annuaire"
    default_auto_field = "django.db.models.BigAutoField"
