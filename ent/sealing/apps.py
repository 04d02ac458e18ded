"""Django's registration of the room."""

from django.apps import AppConfig


class SealingConfig(AppConfig):
    """Keys by role, sealed boxes, keyed hashes."""

    name = "ent.sealing"
    label = "sealing"
    verbose_name = "scellés"
    default_auto_field = "django.db.models.BigAutoField"
