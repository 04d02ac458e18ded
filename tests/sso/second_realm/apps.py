"""Django's registration of the second realm."""

from django.apps import AppConfig


class SecondRealmConfig(AppConfig):
    """It registers its policy, and that is all."""

    name = "tests.sso.second_realm"
    label = "second_realm"

    def ready(self) -> None:
        """Speak for the realm of this process."""
        from signin.realms import register_realm
        from tests.sso.second_realm.policy import SecondRealmPolicy

        register_realm(SecondRealmPolicy())
