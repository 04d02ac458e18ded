"""Django's registration of the room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The journal of acts."""

    name = "ent.audit"
    label = "audit"
    verbose_name = "journal"
    default_auto_field = "django.db.models.BigAutoField"
