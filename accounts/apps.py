"""Django's registration of the room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who signs in: accounts, doors, passwords, activation codes and sessions."""

    name = "accounts"
    label = "accounts"
    verbose_name = "comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take part in imports, in the directory's sheets, and in sealing again."""
        from accounts.desk import register_entries
        from accounts.provisioning.contributor import AccountContributor
        from accounts.services import academic
        from accounts.services.resealing import reseal_activation_codes
        from accounts.services.second_factor_keys import reseal_second_factors
        from accounts.sheet import register_account_acts, register_account_panel
        from directory.imports import extension
        from ent.sealing.resealing import register_resealer

        academic.register()
        register_entries()
        extension.register(AccountContributor())
        register_account_panel()
        register_account_acts()
        register_resealer("codes d’activation", reseal_activation_codes)
        register_resealer("seconds facteurs", reseal_second_factors)
