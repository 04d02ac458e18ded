"""Django's registration of the room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Background work, its rows and its progress."""

    name = "ent.jobs"
    label = "jobs"
    verbose_name = "travaux"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load every room's `tasks.py`: the web needs the labels, the worker the functions."""
        autodiscover_modules("tasks")
