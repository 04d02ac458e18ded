"""Django's registration of the room."""

from django.apps import AppConfig


class SsoConfig(AppConfig):
    """The CAS server: services, tickets, validation, sign-out."""

    name = "sso"
    label = "sso"
    verbose_name = "authentification unique"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of every session that ends."""
        from accounts.services.endings import on_sessions_ended
        from sso import tasks  # noqa: F401
        from sso.logout import end_tickets

        on_sessions_ended(end_tickets)
