"""What pages say of a school."""

from __future__ import annotations

from django import template

from directory.contacts import Contact, contact_of
from directory.models import School

register = template.Library()


@register.filter
def contact(school: School) -> Contact:
    """``{% with school|contact as ask %}``: whom to ask there."""
    return contact_of(school)
