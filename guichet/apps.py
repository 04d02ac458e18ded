"""Django's registration of the room."""

from django.apps import AppConfig


class GuichetConfig(AppConfig):
    """An academy's own door, its OTP keys and its helpdesk."""

    name = "guichet"
    label = "guichet"
    verbose_name = "guichet académique"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Speak for the realm of a guichet's processes."""
        from directory.lifecycle.erasure import register_eraser
        from guichet import journal  # noqa: F401 - its vocabulary is known to every process
        from guichet.erasure import erase
        from guichet.realm import GuichetPolicy
        from signin.realms import register_realm

        register_realm(GuichetPolicy())
        register_eraser("guichet", 15, erase)
