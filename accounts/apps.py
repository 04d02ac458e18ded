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
        from accounts.activation.resealing import reseal_activation_codes
        from accounts.desk.entries import register_entries
        from accounts.desk.sheet import register_account_acts, register_account_panel
        from accounts.doors.base.words import words_of_doors
        from accounts.doors.kinds import register_kinds
        from accounts.doors.returns import services as returns
        from accounts.erasure import erase
        from accounts.portal_sso import PortalSsoPolicy
        from accounts.provisioning.contributor import AccountContributor
        from accounts.second_factor.verification import is_operator_verified
        from directory.imports.contributors import register as register_contributor
        from directory.journal.door_words import register_door_words
        from directory.lifecycle.erasure import register_eraser
        from ent.operators.site import register_second_factor_check
        from ent.sealing.resealing import register_resealer
        from signin.realms import register_realm

        register_realm(PortalSsoPolicy())
        register_kinds()
        returns.register()
        register_entries()
        register_eraser("accounts", 10, erase)
        register_contributor(AccountContributor)
        register_account_panel()
        register_door_words(words_of_doors)
        register_account_acts()
        register_resealer("codes d’activation", reseal_activation_codes)
        register_second_factor_check(is_operator_verified)
