"""Django's registration of the room."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Credential files, letters, mailings and forgotten passwords."""

    name = "credentials"
    label = "credentials"
    verbose_name = "identifiants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join imports, say who may download, declare the jobs."""
        from credentials import journal, tasks  # noqa: F401
        from credentials.blocking.sheet import blocking_acts
        from credentials.desk import register_entries
        from credentials.enums import Purpose
        from credentials.erasure import erase
        from credentials.files.contributor import CredentialFilesContributor
        from credentials.files.making import may_download, refuse_opening
        from credentials.mailing import ending as mailing
        from credentials.mailing.claiming import is_left_since
        from credentials.mailing.services import hold_campaigns
        from credentials.perms import may_open_slips
        from credentials.rescue.sheet import rescue_acts
        from credentials.slips import making as slips
        from directory.imports.contributors import register
        from directory.lifecycle.erasure import register_eraser
        from directory.search.registry import BulkAct, register_bulk_act
        from directory.sheets.registry import SheetActs, register_sheet_acts
        from ent.backup.registry import register_hold
        from ent.files.purposes import register_purpose
        from ent.jobs.waiting import register_waiting_work

        register(CredentialFilesContributor)
        register_eraser("credentials", 40, erase)
        register_entries()
        register_purpose(
            Purpose.CREDENTIALS,
            may_download=may_download,
            per_hour=60,
            refuse_opening=refuse_opening,
        )
        register_bulk_act(
            BulkAct(
                code="slips",
                label="Imprimer les fiches",
                url_name="credentials:prepare-selected-slips",
                is_allowed=may_open_slips,
                rank=20,
            )
        )
        register_purpose(
            Purpose.SLIPS,
            may_download=slips.may_download,
            per_hour=60,
            refuse_opening=slips.refuse_opening,
        )
        register_sheet_acts(SheetActs(code="blocking", build=blocking_acts, rank=20))
        register_sheet_acts(SheetActs(code="rescue", build=rescue_acts, rank=10))
        register_waiting_work(is_left_since)
        register_hold("envois par courriel", hold_campaigns)
        register_purpose(Purpose.MAILING, may_download=mailing.may_download, per_hour=60)
