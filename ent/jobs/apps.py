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
        from ent.backup.registry import register_hold
        from ent.jobs.services import hold_all
        from ent.jobs.waiting import space_state, state
        from ent.web.health import register_state

        register_state("travaux", state)
        register_state("espace", space_state)
        register_hold("travaux", hold_all)
