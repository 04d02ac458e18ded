"""The head of a school's sheets, from its page: logo, public contact, the portal's own name."""

from __future__ import annotations

from credentials.slips.letterhead import Letterhead
from directory.models import School
from ent.pages.names import calm_name, calm_street
from portal.identity import portal_settings
from portal.models import Logo, SchoolPage
from portal.school_pages.contacts import public_email, public_phone


def letterhead(school: School) -> Letterhead:
    """Return what the school's page shows, else what the feed says."""
    page = SchoolPage.objects.filter(school=school).select_related("logo").first()
    logo: Logo | None = page.logo if page is not None else None
    town = f"{school.postal_code} {calm_name(school.town)}".strip()
    # WebP is no format of a PDF: such a school has its name alone.
    is_printable = logo is not None and logo.content_type in {"image/png", "image/jpeg"}
    return Letterhead(
        portal=portal_settings().name,
        name=calm_name(school.name),
        address_lines=tuple(line for line in (calm_street(school.street), town) if line),
        town=calm_name(school.town),
        phone=public_phone(school),
        email=public_email(school),
        logo_type=logo.content_type if logo is not None and is_printable else "",
        logo_data=bytes(logo.data) if logo is not None and is_printable else b"",
    )
