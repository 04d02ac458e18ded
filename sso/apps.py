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
        from directory.lifecycle.erasure import register_eraser
        from ent.backup.registry import register_hold
        from signin.sessions.endings import on_sessions_ended
        from sso import tasks  # noqa: F401
        from sso.desk.entries import register_entries
        from sso.erasure import erase
        from sso.logout.endings import end_tickets, hold_notices

        on_sessions_ended(end_tickets)
        register_hold("avis de déconnexion", hold_notices)
        register_eraser("sso", 20, erase)
        register_entries()
