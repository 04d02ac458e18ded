"""Django's registration of the room."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """The mailbox of the ENT."""

    name = "messaging"
    label = "messaging"
    verbose_name = "messagerie"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the tile, say who may download, declare the jobs."""
        from ent.files.purposes import register_purpose
        from ent.pages.tiles import Tile, register
        from messaging import tasks  # noqa: F401
        from messaging.header import count_for
        from messaging.perms import may_download
        from messaging.services.sending import ATTACHMENT

        register_purpose(ATTACHMENT, may_download=may_download, per_hour=60)
        register(
            Tile(
                code="messagerie",
                title="Messagerie",
                words="Lire les bilans et les avis que l’ENT vous envoie.",
                icon="mail",
                url_name="messaging:mailbox",
                is_allowed=lambda request: True,
                rank=10,
                in_nav=True,
                count=count_for,
                count_noun="à lire",
            )
        )
