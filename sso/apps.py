"""Django's registration of the room."""

from django.apps import AppConfig


class SsoConfig(AppConfig):
    """The CAS server: services, tickets, validation, sign-out."""

    name = "sso"
    label = "sso"
    verbose_name = "authentification unique"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of every session that ends; stand on the administration desk."""
        from accounts.services.endings import on_sessions_ended
        from sso import journal, tasks  # noqa: F401
        from sso.desk import register_entries
        from sso.logout import end_tickets

        on_sessions_ended(end_tickets)
        register_entries()
