"""Django's registration of the room."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Who exists: authorities, schools, persons, classes, links and roles."""

    name = "directory"
    label = "directory"
    verbose_name = "annuaire"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the room's entries on the desk and among the tiles; deposits are never downloaded."""
        from directory.desk.entries import register_entries
        from directory.imports.deposits.services import PURPOSE
        from directory.lifecycle.erasure import (
            JOURNAL_RANK,
            PERSONS_RANK,
            delete_persons,
            forget_in_journal,
            register_eraser,
        )
        from directory.lifecycle.erasure_list import replay_erasures
        from ent.backup.registry import register_replay
        from ent.files.purposes import register_purpose

        register_entries()
        register_replay(replay_erasures)
        register_eraser("ent.audit", JOURNAL_RANK, forget_in_journal)
        register_eraser("directory", PERSONS_RANK, delete_persons)
        register_purpose(PURPOSE, may_download=lambda file, person: False)
