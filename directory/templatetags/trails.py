"""« Vous êtes ici » of the desks: what stands above their pages."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from ent.pages.templatetags.components import breadcrumb

register = template.Library()


@register.simple_tag
def administration_trail(*parts: str) -> SafeString:
    """« Annuaire > Administration > … »: label, address…, then this page's label."""
    return breadcrumb(
        "Annuaire", "directory:search", "Administration", "directory:administration", *parts
    )


@register.simple_tag
def portal_trail(*parts: str) -> SafeString:
    """« Gestion portail > … » (R-G2), a group of the administration desk."""
    return breadcrumb("Gestion portail", "directory:administration#gestion-portail", *parts)
