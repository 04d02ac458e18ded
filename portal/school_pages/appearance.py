"""How a school looks: its page, its colour, its logo, and the addresses of the last two."""

from __future__ import annotations

from directory.models import School
from portal.addresses import portal_path
from portal.identity import portal_settings
from portal.models import SchoolPage
from portal.school_pages.faces import face_of


def page_of(school: School | None) -> SchoolPage | None:
    """What the school chose for its page; nothing when it has chosen nothing."""
    # The missing row of a one-to-one is an AttributeError, too: getattr gives the default.
    page: SchoolPage | None = getattr(school, "page", None)
    return page


def colour_of(school: School | None, page: SchoolPage | None) -> str:
    """The school's colour: chosen, else derived from its UAI; the portal's without school."""
    if school is None:
        return portal_settings().colour
    chosen = page.colour if page is not None else ""
    return face_of(uai=school.uai, name=school.name, colour=chosen).colour


def theme_href(colour: str) -> str:
    """The style sheet of a colour; the same path on every host."""
    return portal_path("portal:theme", colour.removeprefix("#").lower())


def logo_href(page: SchoolPage) -> str:
    """The school's logo; the same path on every host."""
    return portal_path("portal:logo", page.logo.uuid) if page.logo is not None else ""
