"""Django's registration of the room."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Public pages, connected pages and tiles."""

    name = "portal"
    label = "portal"
    verbose_name = "portail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the path converters that both URL configurations use."""
        from django.urls import register_converter

        from portal.converters import ColourConverter, TextKindConverter

        register_converter(ColourConverter, "colour")
        register_converter(TextKindConverter, "text_kind")

        from credentials.letterhead import register_letterhead
        from directory.contacts import register_contacts
        from portal.contacts import public_contact
        from portal.letterhead import letterhead

        register_contacts(public_contact)
        register_letterhead(letterhead)
