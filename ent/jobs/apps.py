"""Django's registration of the room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work, its rows and its progress."""

    name = "ent.jobs"
    label = "jobs"
    verbose_name = "travaux"
    default_auto_field = "django.db.models.BigAutoField"
