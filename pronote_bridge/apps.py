"""Django's registration of the room."""

from django.apps import AppConfig


class PronoteBridgeConfig(AppConfig):
    """Reconciliation with Pronote."""

    name = "pronote_bridge"
    label = "pronote_bridge"
    verbose_name = "Pronote"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare jobs and acts, say who may download, take a place on desk and connected page."""
        from directory.desk.registry import DeskCard, register_card
        from directory.lifecycle.erasure import register_eraser
        from ent.files.purposes import register_purpose
        from pronote_bridge import journal, tasks  # noqa: F401
        from pronote_bridge.dry_run import journal as dry_run_journal  # noqa: F401
        from pronote_bridge.dry_run import tasks as dry_run_tasks  # noqa: F401
        from pronote_bridge.dry_run.parting import forget_parted
        from pronote_bridge.dry_run.perms import LIST_PURPOSE, may_download_list
        from pronote_bridge.erasure import erase
        from pronote_bridge.exports.keeping import note_downloaded
        from pronote_bridge.exports.making import PURPOSE
        from pronote_bridge.exports.perms import may_download
        from pronote_bridge.instances.parting import register_forgetter
        from pronote_bridge.instances.perms import may_open_desk
        from pronote_bridge.tile import pronote_tiles
        from sso.catalogue.tiles import register_tiles

        register_eraser("pronote_bridge", 50, erase)
        register_purpose(PURPOSE, may_download=may_download, after_download=note_downloaded)
        register_purpose(LIST_PURPOSE, may_download=may_download_list)
        register_forgetter(forget_parted)
        register_tiles(pronote_tiles)
        register_card(
            DeskCard(
                code="pronote",
                title="Pronote",
                words="Où est le Pronote de chaque établissement, et ce que l’ENT lui transmet.",
                icon="calendar",
                url_name="pronote:instances",
                is_allowed=may_open_desk,
                rank=25,
            )
        )
        register_card(
            DeskCard(
                code="pronote-exports",
                title="Exports",
                words="Le fichier de rapprochement de Pronote\u00a0: rapport, fichier, historique.",
                icon="download",
                url_name="pronote:exports",
                is_allowed=may_open_desk,
                rank=26,
            )
        )
