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
        from credentials.imports import CredentialFilesContributor
        from credentials.mailing import ending as mailing
        from credentials.making import PURPOSE, may_download
        from credentials.perms import may_open_desk, may_open_slips, may_rescue
        from credentials.sheet import rescue_acts
        from credentials.slips import making as slips
        from directory.extensions import (
            BulkAct,
            DeskCard,
            SheetActs,
            register_bulk_act,
            register_card,
            register_sheet_acts,
        )
        from directory.imports.extension import register
        from ent.files.purposes import register_purpose

        register(CredentialFilesContributor())
        register_card(
            DeskCard(
                code="credential-files",
                title="Fichiers des identifiants",
                words="En tableau\u00a0: identifiants et codes d’un établissement, à télécharger.",
                icon="key",
                url_name="credentials:files",
                is_allowed=may_open_desk,
                rank=20,
            )
        )
        register_purpose(PURPOSE, may_download=may_download, per_hour=60)
        register_card(
            DeskCard(
                code="slips",
                title="Fiches et lettres",
                words="Sur papier\u00a0: une fiche à remettre à chacun, ou une lettre aux parents.",
                icon="file",
                url_name="credentials:slips",
                is_allowed=may_open_slips,
                rank=21,
            )
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
        register_purpose(slips.PURPOSE, may_download=slips.may_download, per_hour=60)
        register_sheet_acts(SheetActs(code="rescue", build=rescue_acts, rank=10))
        register_card(
            DeskCard(
                code="rescue-classes",
                title="Dépanner une classe",
                words="Mots de passe perdus\u00a0: en donner de nouveaux à toute une classe.",
                icon="refresh",
                url_name="credentials:rescue-classes",
                is_allowed=may_rescue,
                rank=22,
            )
        )
        register_card(
            DeskCard(
                code="mailings",
                title="Diffusion des identifiants",
                words="Par courriel\u00a0: identifiant et lien, à qui ne s’est jamais connecté.",
                icon="mail",
                url_name="credentials:mailings",
                is_allowed=may_open_desk,
                rank=23,
            )
        )
        register_purpose(mailing.PURPOSE, may_download=mailing.may_download, per_hour=60)
        register_card(
            DeskCard(
                code="activation",
                title="Activation des comptes",
                words="Où en sont les comptes\u00a0: qui s’est connecté, qui reste à relancer.",
                icon="check",
                url_name="credentials:activation",
                is_allowed=may_open_slips,
                rank=15,
            )
        )
