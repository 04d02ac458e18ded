"""Whom to ask in a school: what its page says, else what the feed says."""

from __future__ import annotations

from directory.models import School
from directory.schools.contacts import Contact
from ent.mail.addresses import usable_address
from portal.school_pages.appearance import page_of


def public_email(school: School | None) -> str:
    """The school's public address, or nothing."""
    page = page_of(school)
    if page is not None and page.contact_email:
        return page.contact_email
    return usable_address(school.email) if school is not None else ""


def public_phone(school: School | None) -> str:
    """The school's public telephone, or nothing."""
    page = page_of(school)
    if page is not None and page.contact_phone:
        return page.contact_phone
    return school.phone if school is not None else ""


def public_contact(school: School) -> Contact:
    """Both, as the pages of lower rooms show them."""
    return Contact(public_phone(school), public_email(school))
