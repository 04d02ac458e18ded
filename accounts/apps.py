"""Django's registration of the room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who signs in: accounts, doors, passwords, activation codes and sessions."""

    name = "accounts"
    label = "accounts"
    verbose_name = "comptes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take part in imports and in the directory's sheets."""
        from accounts.provisioning.contributor import AccountContributor
        from accounts.sheet import register_account_panel
        from directory.imports import extension

        extension.register(AccountContributor())
        register_account_panel()
