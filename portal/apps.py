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

        from credentials.slips.letterhead import register_letterhead
        from directory.schools.contacts import register_contacts
        from directory.schools.current import read_with_schools
        from directory.schools.web import register_web_address
        from portal.addresses import own_address
        from portal.connected.blocks import register_blocks
        from portal.school_pages.contacts import public_contact
        from portal.school_pages.letterhead import letterhead
        from portal.site.entries import register_entries

        register_contacts(public_contact)
        read_with_schools("page__logo")
        register_letterhead(letterhead)
        register_blocks()
        register_entries()
        register_web_address(own_address)
