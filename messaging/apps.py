"""Django's registration of the room."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The mailbox of the ENT."""

    name = "messaging"
    label = "messaging"
    verbose_name = "messagerie"
    default_auto_field = "django.db.models.BigAutoField"
