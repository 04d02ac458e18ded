"""What pages say of a school."""

from __future__ import annotations

from django import template

from directory.models.schools import School
from directory.schools.contacts import Contact, contact_of

register = template.Library()


@register.filter
def contact(school: School) -> Contact:
    """``{% with school|contact as ask %}``: whom to ask there."""
    return contact_of(school)
