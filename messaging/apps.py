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
        from directory.lifecycle.erasure import register_eraser
        from directory.lifecycle.telling import tell_schools_by
        from ent.files.purposes import register_purpose
        from ent.pages.tiles import Tile, register
        from messaging import tasks  # noqa: F401
        from messaging.erasure import erase
        from messaging.mailbox.header import count_for
        from messaging.notices.erasures import tell_administrators
        from messaging.notices.sending import ATTACHMENT
        from messaging.perms import may_download

        register_eraser("messaging", 30, erase)
        tell_schools_by(tell_administrators)
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
